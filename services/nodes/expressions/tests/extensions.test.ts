import { describe, expect, test } from 'vitest'
import { resultOf } from './scope.ts'

const given = (code: string) => resultOf(`={{ ${code} }}`)

describe('methods of n8n', () => {
  test.each([
    // pluck: without a name the list itself; with several, those an element has
    ['[{ a: 1 }].pluck()', [{ a: 1 }]],
    ['[{ a: 1, b: 2 }, { b: 3 }, { c: 4 }, 5].pluck("a", "b")', [[1, 2], 3]],
    // toInt rounds a number and cuts a text
    ['(42144.545).toInt()', 42145],
    ['(-1.2).toInt()', -1],
    ['"1.9".toInt()', 1],
    ['"IAmATest x-y $z!".toSnakeCase()', 'iamatest_x_y_z'],
    ['"ftp://example.com/".isUrl()', false],
    ['"HTTPS://example.com/".isUrl()', true],
    ['"example.com/path".isDomain()', false],
    ['"example.com:80".isDomain()', true],
    ['DateTime.local(2021, 1, 1).extract("weekYear")', 2020],
  ])('%s', (code, result) => {
    expect(given(code)).toEqual(result)
  })

  test.each([
    ['[1].merge(5)', 'merge(): expected array arg, e.g. .merge([{ id: 1, otherValue: 3 }])'],
    ['[1].union(5)', 'union(): expected array arg, e.g. .union([1, 2, 3, 4])'],
    ['[1].difference()', 'difference(): expected array arg, e.g. .difference([1, 2, 3, 4])'],
    ['$if(1)', '$if requires at least 2 parameters: test, value_if_true[, and value_if_false]'],
    ['$input.first(1)', '$input.first() should have no arguments'],
    ['$input.all(0)', '$input.all() should have no arguments'],
  ])('%s says what is missing', (code, message) => {
    expect(() => given(code)).toThrow(message)
  })
})

test('$if works out only the value that it gives', () => {
  expect(given('$if($json.a, $json.a.b.c, "none")')).toBe('none')
  expect(given('$if(true, 1, null.x)')).toBe(1)
  expect(given('$if(false, null.x)')).toBe(false)
  expect(given('(($if) => $if(true, 1, 2))((test, yes, no) => no)')).toBe(2)
})

test('what n8n names as unsafe is refused with its words', () => {
  expect(() => given('(() => { with ({}) { return 1 } })()')).toThrow('Cannot use "with" statements due to security concerns')
  expect(() => given('(() => { class ___n8n_data {} })()')).toThrow('Cannot use "___n8n_data" due to security concerns')
})
