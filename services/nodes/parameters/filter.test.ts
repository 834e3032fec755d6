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
