import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type InLine, nextInLine, noTurns, type Turns, turnGiven } from './fair-turns.ts'

interface Waiting extends InLine {
  readonly name: string
}

/** Gives turns one after the other; whoever had one is gone. */
const order = (waiting: readonly Waiting[], from: Turns = noTurns): Waiting[] => {
  const left = new Set(waiting)
  const had: Waiting[] = []
  for (let turns = from; left.size > 0; ) {
    const next = nextInLine(left, turns)!
    left.delete(next)
    turns = turnGiven(turns, next)
    had.push(next)
  }
  return had
}
const waiter = (name: string, changes: Partial<Waiting> = {}): Waiting => ({
  name,
  organisationId: 'a',
  priority: 3,
  weight: 1,
  requestedAt: 0,
  ticket: 0,
  turnsBefore: 0,
  ...changes,
})
const names = (waiting: readonly Waiting[]): string => waiting.map(({ name }) => name).join(' ')

test('priority comes before everything', () =>
  expect(names(order([waiter('low', { priority: 5 }), waiter('high', { priority: 1, ticket: 9, requestedAt: 9 }), waiter('middle')]))).toBe(
    'high middle low',
  ))

test('within a priority who was asked for first comes first, whenever it began to wait', () =>
  expect(names(order([waiter('second', { requestedAt: 2, ticket: 0 }), waiter('first', { requestedAt: 1, ticket: 1 })]))).toBe(
    'first second',
  ))

test('organisations take turns by their weights, however many of one wait', () => {
  const many = Array.from({ length: 30 }, (_, ticket) => waiter('a', { ticket, requestedAt: ticket }))
  const few = Array.from({ length: 6 }, (_, n) => waiter('b', { organisationId: 'b', weight: 2, ticket: 30 + n, requestedAt: 30 + n }))
  const had = order([...many, ...few]).slice(0, 9)
  expect(had.filter(({ name }) => name === 'b')).toHaveLength(6)
})

test('an organisation that was away does not get what it missed', () => {
  let turns = noTurns
  for (let n = 0; n < 50; n += 1) turns = turnGiven(turns, { organisationId: 'a', weight: 1 })
  const waiting = Array.from({ length: 20 }, (_, n) =>
    waiter(n % 2 ? 'b' : 'a', { organisationId: n % 2 ? 'b' : 'a', ticket: n, turnsBefore: 50 }),
  )
  const had = order(waiting, turns).slice(0, 10)
  expect(Math.abs(had.filter(({ name }) => name === 'b').length - 5)).toBeLessThanOrEqual(1)
})

test('nobody waits for ever, whatever keeps coming before', () => {
  const last = waiter('last', { priority: 5, requestedAt: 1_000_000 })
  let turns = noTurns
  for (let n = 1; n < 1000; n += 1) {
    const rival = waiter('rival', { organisationId: `o${n % 3}`, priority: 1, requestedAt: -n, ticket: n, turnsBefore: turns.given })
    const next = nextInLine([rival, last], turns)!
    if (next === last) return expect(n).toBeLessThanOrEqual(501)
    turns = turnGiven(turns, next)
  }
  throw new Error('it never got a turn')
})

test('with everybody waiting, each organisation has its share by weight, to within one turn of each, in every prefix', () =>
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 2, maxLength: 4 }), (weights) => {
      const perOrganisation = 40
      const waiting = weights.flatMap((weight, o) =>
        Array.from({ length: perOrganisation }, (_, n) =>
          waiter(`${o}`, { organisationId: `${o}`, weight, ticket: n * weights.length + o }),
        ),
      )
      const had = order(waiting)
      const sum = weights.reduce((a, b) => a + b, 0)
      // As long as none has run out.
      const prefix = Math.floor((perOrganisation * sum) / Math.max(...weights)) - weights.length
      for (const [o, weight] of weights.entries()) {
        const count = had.slice(0, prefix).filter(({ name }) => name === `${o}`).length
        expect(Math.abs(count - (prefix * weight) / sum)).toBeLessThanOrEqual(weights.length)
      }
    }),
    { numRuns: 100 },
  ))

test('whose turn it is does not depend on the order in which they are looked at', () =>
  fc.assert(
    fc.property(
      fc.array(
        fc.record({
          organisationId: fc.constantFrom('a', 'b', 'c'),
          priority: fc.integer({ min: 1, max: 5 }),
          weight: fc.integer({ min: 1, max: 3 }),
          requestedAt: fc.nat(5),
          turnsBefore: fc.nat(400),
        }),
        { minLength: 1, maxLength: 12 },
      ),
      fc.dictionary(fc.constantFrom('a', 'b', 'c'), fc.nat(3)),
      (all, passes) => {
        const waiting = all.map((one, ticket) => waiter(`${ticket}`, { ...one, ticket }))
        const turns: Turns = { given: 400, time: 1, passes }
        expect(nextInLine(waiting.toReversed(), turns)).toBe(nextInLine(waiting, turns))
      },
    ),
  ))
