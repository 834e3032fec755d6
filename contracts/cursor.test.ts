import fc from 'fast-check'
import { expect, test } from 'vitest'
import { decodeCursor, encodeCursor } from './cursor.ts'

const token = { log: 'l', stream: 'workflow-1', revision: 3, position: 'l-0000000000000004' }

test('a cursor comes back as it was', () => {
  expect(decodeCursor(encodeCursor(token), 'l')).toEqual(token)
})
test('a cursor of another log is told apart', () => {
  expect(() => decodeCursor(encodeCursor(token), 'm')).toThrowError(expect.objectContaining({ code: 'CURSOR_OF_ANOTHER_LOG' }))
})
test('what is no cursor is refused, whatever it is', () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      expect(() => decodeCursor(text, 'l')).toThrowError(expect.objectContaining({ code: 'INVALID_INPUT' }))
    }),
  )
})
