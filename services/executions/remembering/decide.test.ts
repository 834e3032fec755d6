import type { MemoryEvent } from '@weconnect/contracts/events/memory'
import type { MemoryRequest } from '@weconnect/contracts/memory'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { decide, type MemoryCommand } from './decide.ts'
import { emptyMemory, evolve, type ItemMemory } from './state.ts'

const asked = (call: number, request: MemoryRequest): MemoryCommand => ({
  workflowId: 'w',
  nodeId: 'n',
  executionId: 'e',
  call: `${call}/0`,
  request,
})
const compare = (by: 'value' | 'number' | 'time', values: readonly (string | number | object)[], size = 10_000): MemoryRequest =>
  ({ kind: 'compare', scope: 'node', by, values, size }) as MemoryRequest
const clear: MemoryRequest = { kind: 'clear', scope: 'node' }

const keptOf = ([event]: readonly MemoryEvent[]): unknown => (event?.type === 'ItemsRemembered' ? event.data.kept : [])
/** What each request is answered, one after the other. */
const answers = (...requests: readonly MemoryRequest[]): readonly unknown[] => {
  let memory = emptyMemory
  return requests.map((request, call) => {
    const events = decide(asked(call, request), memory)
    memory = events.reduce(evolve, memory)
    return keptOf(events)
  })
}

test('a value is new once, but twice in one input, as in n8n', () => {
  expect(answers(compare('value', ['a', 'b', 'a']), compare('value', ['b', 'c']), compare('value', ['c']))).toEqual([[0, 1, 2], [1], []])
})

test('a number and its text are one value; so are objects whose members stand in another order', () => {
  expect(answers(compare('value', [1]), compare('value', ['1', '2']))).toEqual([[0], [1]])
  expect(answers(compare('value', [{ a: 1, b: { c: 2, d: 3 } }]), compare('value', [{ b: { d: 3, c: 2 }, a: 1 }]))).toEqual([[0], []])
})

test('numbers must be higher, times later, than all before; the two do not meddle with each other nor with values', () => {
  const requests = [
    compare('number', [5, 9, 3]),
    compare('number', [9, 10]),
    compare('time', [7]),
    compare('value', [10]),
    compare('time', [7]),
  ]
  expect(answers(...requests)).toEqual([[0, 1, 2], [1], [0], [0], []])
})

test('the oldest values are forgotten when there are more than the history holds', () => {
  expect(answers(compare('value', ['a', 'b'], 2), compare('value', ['c'], 2), compare('value', ['a', 'b', 'c'], 2))).toEqual([
    [0, 1],
    [0],
    [0],
  ])
})

test('after it was cleared everything is new', () => {
  expect(answers(compare('value', ['a']), compare('number', [3]), clear, compare('value', ['a']), compare('number', [2]))).toEqual([
    [0],
    [0],
    [],
    [0],
    [0],
  ])
})

test('what was answered before, and what teaches nothing, is no event', () => {
  const [event] = decide(asked(0, compare('value', ['a'])), emptyMemory)
  const memory = evolve(emptyMemory, event!)
  expect(decide(asked(0, compare('value', ['a', 'b'])), memory)).toEqual([])
  expect(decide(asked(1, compare('value', ['a'])), memory)).toEqual([])
  expect(decide(asked(2, clear), emptyMemory)).toEqual([])
})

test('a fold from the last checkpoint is the fold of everything; in the clear there is no value', () => {
  const request = fc.array(fc.constantFrom('secret-a', 'secret-b', 'secret-c', 'secret-d'), { minLength: 1, maxLength: 4 })
  const requests = fc.array(fc.oneof({ weight: 9, arbitrary: request.map((values) => compare('value', values, 3)) }, fc.constant(clear)))
  fc.assert(
    fc.property(fc.array(requests, { minLength: 40, maxLength: 60 }), (batches) => {
      let memory: ItemMemory = emptyMemory
      const all: MemoryEvent[] = []
      for (const [call, each] of batches.flat().entries()) {
        const events = decide(asked(call, each), memory)
        all.push(...events)
        memory = events.reduce(evolve, memory)
      }
      const from = Math.max(
        0,
        all.findLastIndex(({ type }) => type === 'MemoryCheckpointed'),
      )
      expect(all.slice(from).reduce(evolve, emptyMemory)).toEqual(memory)
      expect(JSON.stringify(all)).not.toContain('secret')
    }),
    { numRuns: 30 },
  )
})
