import fc from 'fast-check'
import { expect, test } from 'vitest'
import { maxJsonDepth, tooDeepAt } from './json-depth.ts'

const nested = (depth: number, inside: string): string => `${'['.repeat(depth)}${inside}${']'.repeat(depth)}`

test('the first bracket too many is named', () => {
  expect(tooDeepAt(nested(maxJsonDepth, '1'))).toBeUndefined()
  expect(tooDeepAt(nested(maxJsonDepth + 1, '1'))).toBe(maxJsonDepth)
  expect(tooDeepAt(`{"a": ${nested(maxJsonDepth, '{"b": 1}')}}`)).toBe('{"a": '.length + maxJsonDepth - 1)
  expect(tooDeepAt('['.repeat(5_000_000))).toBe(maxJsonDepth)
})

test('levels beside each other do not add up', () => expect(tooDeepAt(`[${Array(1000).fill('[[]]').join()}]`)).toBeUndefined())

test('brackets in texts do not count, whatever is escaped', () =>
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom('[', '{', '"', '\\', 'a'), minLength: 1000, maxLength: 1200 }), (text) => {
      expect(tooDeepAt(JSON.stringify({ [text]: text }))).toBeUndefined()
      expect(tooDeepAt(JSON.stringify([text, text]) + nested(maxJsonDepth + 1, ''))).toBe(
        JSON.stringify([text, text]).length + maxJsonDepth,
      )
    }),
  ))
