import { expect, test } from 'vitest'
import { plainData } from './plain-data.ts'

test('drops what is no data', () => {
  const hostile = Object.assign(Object.create(null), { a: [1, undefined, Number.NaN], f: () => 1, gone: undefined })
  Object.defineProperty(hostile, '__proto__', { value: { polluted: true }, enumerable: true })
  const plain = plainData(hostile)
  expect(plain).toEqual({ a: [1, null, null] })
  expect(Object.getPrototypeOf(plain)).toBe(Object.prototype)
  expect((plain as { polluted?: unknown }).polluted).toBeUndefined()
})

test('refuses what is nested too deeply', () => {
  let deep: unknown = 1
  for (let level = 0; level < 100_000; level++) deep = [deep]
  expect(() => plainData(deep)).toThrow('nested more than 500 levels')
})
