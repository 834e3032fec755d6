import { WeConnectError } from '@weconnect/contracts/errors'
import { expect, test } from 'vitest'
import { specify } from './specify.ts'

type Event = { type: 'Opened' } | { type: 'Closed' }
type Command = 'open' | 'close' | 'break'

const given = specify<'open' | 'closed', Command, Event>({
  initial: 'closed',
  evolve: (_, event) => (event.type === 'Opened' ? 'open' : 'closed'),
  decide: (command, door) => {
    if (command === 'break') throw new TypeError('broken')
    if (command === 'open' && door === 'open') throw new WeConnectError('INVALID_STATE', 'already open')
    return command === 'open' ? [{ type: 'Opened' }] : []
  },
})

test('compares the events that follow', () => {
  given([])
    .when('open')
    .then([{ type: 'Opened' }])
  expect(() => given([]).when('open').then([])).toThrow()
})

test('folds what is given before it decides', () => {
  given([{ type: 'Opened' }])
    .when('open')
    .thenThrows('INVALID_STATE')
  given([{ type: 'Opened' }, { type: 'Closed' }])
    .when('open')
    .then([{ type: 'Opened' }])
})

test('a missing or another rejection fails', () => {
  expect(() => given([]).when('open').thenThrows('INVALID_STATE')).toThrow()
  expect(() =>
    given([{ type: 'Opened' }])
      .when('open')
      .thenThrows('NOT_FOUND'),
  ).toThrow()
  expect(() => given([]).when('break').thenThrows('INTERNAL')).toThrow('broken')
})
