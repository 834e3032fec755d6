import { expect, test } from 'vitest'
import { setField, valueAt, withoutValueAt, withValueAt } from './paths.ts'

test('paths read own members only, through dots and brackets', () => {
  const object = { a: { b: [{ c: 1 }] }, 'x.y': 2 }
  expect(valueAt(object, 'a.b[0].c')).toBe(1)
  expect(valueAt(object, 'a["b"].0.c')).toBe(1)
  expect(valueAt(object, 'x.y')).toBe(2)
  expect(valueAt(object, 'a.constructor.name')).toBeUndefined()
  expect(valueAt(object, 'toString')).toBeUndefined()
})

test('writing copies what lies on the way and leaves the original alone', () => {
  const object = { a: { b: 1 }, list: [1, 2] }
  const changed = withValueAt(object, 'a.c.d', 3)
  expect(changed).toEqual({ a: { b: 1, c: { d: 3 } }, list: [1, 2] })
  expect(withValueAt(object, 'list[1]', 9)).toEqual({ a: { b: 1 }, list: [1, 9] })
  expect(object).toEqual({ a: { b: 1 }, list: [1, 2] })
  expect(changed['list']).toBe(object.list)
})

test('removing leaves the rest', () => {
  expect(withoutValueAt({ a: { b: 1, c: 2 }, d: 3 }, 'a.b')).toEqual({ a: { c: 2 }, d: 3 })
  expect(withoutValueAt({ a: 1 }, 'b.c')).toEqual({ a: 1 })
})

test.each(['__proto__', '__proto__.polluted', 'a.__proto__.polluted', 'constructor.prototype.polluted'])(
  '"%s" reaches no prototype',
  (path) => {
    const object: Record<string, number> = {}
    setField(object, path, 1, true)
    setField(object, path, 1, false)
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined()
    expect(Object.getPrototypeOf(object)).toBe(Object.prototype)
  },
)
