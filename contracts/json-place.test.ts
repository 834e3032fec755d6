import fc from 'fast-check'
import { expect, test } from 'vitest'
import { placeOfJsonError } from './json-place.ts'

test.each([
  ['{"a":}', 'position 5 (line 1 column 6)'],
  ['{"a":1', 'position 6 (line 1 column 7), its end'],
  ['', 'position 0 (line 1 column 1), its end'],
  ['{\n  "a": 1,\n}', 'position 12 (line 3 column 1)'],
  ['{"a" 1}', 'position 5 (line 1 column 6)'],
  ["{'a': 1}", 'position 1 (line 1 column 2)'],
  ['{"a": tru}', 'position 6 (line 1 column 7)'],
  ['{"a": 01}', 'position 6 (line 1 column 7)'],
  ['[1, 2,]', 'position 6 (line 1 column 7)'],
  ['[1}', 'position 2 (line 1 column 3)'],
  ['{} {}', 'position 3 (line 1 column 4)'],
  ['"a\nb"', 'position 2 (line 1 column 3)'],
  ['"\\x"', 'position 2 (line 1 column 3)'],
  ['"\\u00zz"', 'position 2 (line 1 column 3)'],
  ['<html>', 'position 0 (line 1 column 1)'],
])('%j stops at %s', (text, place) => expect(placeOfJsonError(text)).toBe(place))

/** Undefined for JSON, and where the engine does not tell. */
const placeByEngine = (text: string): number | undefined => {
  try {
    JSON.parse(text)
    return undefined
  } catch (error) {
    const place = /at position (\d+)/.exec(String(error))?.[1]
    return place === undefined ? undefined : Number(place)
  }
}

test('where the engine tells a place, it is the same; of a number or word, its beginning', () => {
  const broken = fc.tuple(fc.json(), fc.nat(), fc.constantFrom(',', '}', ']', ':', '"', 'x', '\\', '')).map(([text, seed, put]) => {
    const at = seed % (text.length + 1)
    return text.slice(0, at) + put + text.slice(at + 1)
  })
  fc.assert(
    fc.property(broken, (text) => {
      const told = placeByEngine(text)
      fc.pre(told !== undefined)
      const at = Number(/\d+/.exec(placeOfJsonError(text))?.[0])
      expect(/^[\w.+-]*$/.test(text.slice(at, told)) ? told : at).toBe(told)
    }),
    { numRuns: 300 },
  )
})

test('a text of many megabytes is no trouble', () => {
  const long = `{"a":"${'\\n'.repeat(4_000_000)}","b":[${'1,'.repeat(1_000_000)}x]}`
  expect(placeOfJsonError(long)).toContain(`position ${long.indexOf('x')}`)
  expect(placeOfJsonError('['.repeat(1_000_000))).toContain('its end')
})
