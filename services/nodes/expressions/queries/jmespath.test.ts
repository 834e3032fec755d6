import { describe, expect, test } from 'vitest'
import { resultOf } from '../tests/scope.ts'

const data = {
  people: [
    { name: 'Ada', age: 36, tags: ['x', 'y'] },
    { name: 'Bob', age: 17, tags: [] },
    { name: 'Cleo', age: 52, tags: ['z'] },
  ],
  by: { first: { n: 1 }, second: { n: 2 }, none: null },
  empty: [],
}

const found = (query: string, more = '') => resultOf(`={{ $jmespath($json, ${JSON.stringify(query)})${more} }}`, data)

test.each([
  ['people[0].name', 'Ada'],
  ['people[-1].name', 'Cleo'],
  ['people[5].name', null],
  ['people[*].name', ['Ada', 'Bob', 'Cleo']],
  ['people[].tags[]', ['x', 'y', 'z']],
  ['people[?age > `18`].name', ['Ada', 'Cleo']],
  ["people[?name == 'Bob'] | [0].age", 17],
  ['people[?age > `18` && tags[1]].name', ['Ada']],
  ['people[?!tags].name', ['Bob']],
  ['people[:2].age', [36, 17]],
  ['people[::-1].age', [52, 17, 36]],
  ['by.*.n', [1, 2]],
  [
    'people[].{who: name, first: tags[0]} | [1:]',
    [
      { who: 'Bob', first: null },
      { who: 'Cleo', first: 'z' },
    ],
  ],
  ['people[*].[name, age] | [0]', ['Ada', 36]],
  ["missing || 'other'", 'other'],
  ['sort_by(people, &age)[*].name', ['Bob', 'Ada', 'Cleo']],
  ['max_by(people, &age).name', 'Cleo'],
  ['min_by(people, &age).name', 'Bob'],
  ['sum(people[*].age)', 105],
  ['avg(people[*].age)', 35],
  ['avg(empty)', null],
  ['max(people[*].name)', 'Cleo'],
  ["join(', ', people[*].name)", 'Ada, Bob, Cleo'],
  ['map(&length(tags), people)', [2, 0, 1]],
  ['keys(by)', ['first', 'second', 'none']],
  ['length(people)', 3],
  ["people[?starts_with(name, 'C')].name | [0]", 'Cleo'],
  ["contains(people[0].tags, 'y')", true],
  ['merge(by.first, {m: `3`})', { n: 1, m: 3 }],
  ['not_null(missing, by.none, by.second.n)', 2],
  ["to_number('12.5')", 12.5],
  ['to_string(by.first)', '{"n":1}'],
  ['type(people)', 'array'],
  ['reverse(people[*].age)', [52, 17, 36]],
  ['`{"a": [1]}`.a', [1]],
])('%s', (query, result) => {
  expect(found(query)).toEqual(result)
})

test('what it gives is a value like any other', () => {
  expect(found('people[*].age', '.sum()')).toBe(105)
  expect(resultOf('={{ $jmespath($input.all(), "[?json.a == `1`].json.b")[0] }}', { a: 1, b: 'here' })).toBe('here')
})

describe('what cannot be', () => {
  test.each(['$jmespath("text", "a")', '$jmespath($json)', '$jmespath()', '$jmespath(null, "a")'])('%s is told', (call) => {
    expect(() => resultOf(`={{ ${call} }}`, data)).toThrow('expected two arguments (Object, string) for this function')
  })

  test.each([
    ['people[', /Expected Star, got: EOF/],
    ['nothing(people)', /Unknown function: nothing\(\)/],
    ['length(`1`)', /length\(\) expected argument 1 to be type string,array,object/],
    ['abs()', /abs\(\) takes 1 argument but received 0/],
    ['people[::0]', /step cannot be 0/],
  ])('%s is an error that the user may catch', (query, message) => {
    const text = resultOf(
      `={{ (() => { try { return $jmespath($json, ${JSON.stringify(query)}) } catch (error) { return error.message } })() }}`,
      data,
    )
    expect(text).toMatch(message)
  })
})

describe('attacks', () => {
  test.each(['constructor', '__proto__', 'people.constructor', '{"__proto__": people}', 'by.*.constructor'])('%s is denied', (query) => {
    expect(() => found(query)).toThrow('due to security concerns')
  })

  test('members that a value has from its kind are not there', () => {
    expect(found('people.length')).toBeNull()
    expect(found('toString')).toBeNull()
    expect(found('`{"__proto__": {"a": 1} }`.a')).toBeNull()
  })

  test('a query that doubles its result runs out of budget, whatever the user catches', () => {
    const doubling = '$jmespath([1], "@" + " | [@,@][]".repeat(40))'
    expect(() => resultOf(`={{ ${doubling} }}`)).toThrow('A list has more than')
    expect(() => resultOf(`={{ (() => { try { return ${doubling} } catch (error) { return 1 } })() }}`)).toThrow('A list has more than')
  })

  test('a query that is nested too deep, or too long, ends', () => {
    expect(() => resultOf('={{ $jmespath([1], "(".repeat(4000) + "@") }}')).toThrow('nested too deep')
    expect(resultOf('={{ $jmespath([1], "@" + " | @".repeat(2000)) }}')).toBeUndefined()
  })
})
