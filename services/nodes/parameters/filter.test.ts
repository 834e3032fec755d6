import { expect, test } from 'vitest'
import { executeFilter } from './filter.ts'

const given = (leftValue: unknown, type: string, typeValidation: 'strict' | 'loose') => () =>
  executeFilter({ conditions: [{ leftValue, rightValue: 'x', operator: { type, operation: 'equals' } }], options: { typeValidation } })

test('a value of the wrong type is named as JavaScript names it', () => {
  expect(given({ a: 1 }, 'string', 'strict')).toThrow(
    "Wrong type: '[object Object]' is an object but was expecting a string [condition 0, item 0]",
  )
  expect(given([], 'number', 'strict')).toThrow("Wrong type: '' is an object but was expecting a number [condition 0, item 0]")
  expect(given({ a: 1 }, 'number', 'loose')).toThrow("Conversion error: the object '[object Object]' can't be converted to a number")
})

test.each([
  ['ERROR: disk full', 'error', true],
  ['ERROR: disk full', '/^error/', true],
  ['ERROR: disk full', 'ERROR', false],
  ['lowercase', '[A-Z]', false],
])('n8n #33588: when case is ignored, %j is folded and the pattern %j is not', (leftValue, rightValue, found) => {
  const holds = (operation: string, caseSensitive: boolean): boolean =>
    executeFilter({ conditions: [{ leftValue, rightValue, operator: { type: 'string', operation } }], options: { caseSensitive } })
  expect(holds('regex', false)).toBe(found)
  expect(holds('notRegex', false)).toBe(!found)
  expect(holds('regex', true)).toBe(leftValue.includes(rightValue))
})
