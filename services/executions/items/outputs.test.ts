import type { Item } from '@weconnect/contracts/items'
import type { JsonObject } from '@weconnect/contracts/json'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { countsOf, isPassedOn, packOutputs, unpackOutputs } from './outputs.ts'

// What JSON does not tell apart (-0 and 0) is no item's data.
const json = fc.dictionary(fc.string(), fc.jsonValue()).map((value) => JSON.parse(JSON.stringify(value)) as JsonObject)
const item: fc.Arbitrary<Item> = fc.record({ json })
const inputs = fc.array(fc.array(item, { maxLength: 5 }), { minLength: 1, maxLength: 3 })

test('packing with references and unpacking gives the same items', () => {
  const scenario = inputs.chain((given) =>
    fc.tuple(
      fc.constant(given),
      fc.array(
        fc.option(
          fc.array(
            fc.oneof(
              item,
              fc.tuple(fc.nat({ max: 2 }), fc.nat({ max: 4 }), fc.boolean()).map(([input, index, samePairing]): Item => {
                const source = given[input]?.[index]
                if (!source) return { json: {} }
                return { ...source, pairedItem: samePairing ? { item: index, ...(input > 0 && { input }) } : { item: 99 } }
              }),
            ),
            { maxLength: 5 },
          ),
        ),
        { maxLength: 3 },
      ),
    ),
  )
  fc.assert(
    fc.property(scenario, ([given, outputs]) => {
      const packed = JSON.parse(JSON.stringify(packOutputs(outputs, given)))
      expect(unpackOutputs(packed, countsOf(outputs), given)).toEqual(JSON.parse(JSON.stringify(outputs)))
    }),
    { numRuns: 300 },
  )
})

test('items that pass through are references of a few bytes, and hold nothing of the user', () => {
  const given: Item[] = Array.from({ length: 100 }, (_, index) => ({ json: { secret: `canary-${index}` } }))
  const packed = packOutputs([given.map(({ json }, index) => ({ json, pairedItem: { item: index } })), []], [given])
  expect(isPassedOn(packed)).toBe(true)
  expect(JSON.stringify(packed)).not.toContain('canary')
  expect(JSON.stringify(packed).length).toBeLessThan(400)
})

test('a changed item is kept whole', () => {
  const given: Item[] = [{ json: { a: 1 } }]
  const packed = packOutputs([[{ json: { a: 2 }, pairedItem: { item: 0 } }]], [given])
  expect(isPassedOn(packed)).toBe(false)
  expect(packed).toEqual([[{ json: { a: 2 }, pairedItem: { item: 0 } }]])
})

test('what refers to an erased payload reads as erased', () => {
  expect(unpackOutputs([[0]], [1], [[]])[0]![0]!.json).toEqual({ $erased: true })
  expect(unpackOutputs({ $erased: true }, [2, -1], [])).toEqual([[{ json: { $erased: true } }, { json: { $erased: true } }], null])
})

test('items that say nothing of where they come from are found, few and many; of two places the last counts', () => {
  const given: Item[][] = [[{ json: { a: 1 } }, { json: { a: 2 } }], Array.from({ length: 20 }, (_, index) => ({ json: { b: index } }))]
  const twice = given[0]![1]!.json
  given[1]!.push({ json: twice })
  const silent = given[1]!.map(({ json }): Item => ({ json }))
  const packed = packOutputs([[{ json: { a: 1 } }, ...silent]], given)
  expect(packed[0]![0]).toEqual({ json: { a: 1 } })
  expect(packed[0]!.slice(1)).toEqual(silent.map((_, index) => ({ from: [1, index] })))
})
