import v8 from 'node:v8'
import { afterEach, expect, test, vi } from 'vitest'
import type { Blobs } from './port.ts'
import { sparingMemory } from './sparing-memory.ts'

afterEach(() => {
  vi.restoreAllMocks()
  vi.useRealTimers()
})

test('collects sooner from a large blob on until a while after the last one', async () => {
  vi.useFakeTimers()
  const flags: string[] = []
  vi.spyOn(v8, 'setFlagsFromString').mockImplementation((flag) => void flags.push(flag))
  const put: string[] = []
  const under: Blobs = {
    put: async (organisationId, bytes) => `${put.push(organisationId)}/${bytes.length}`,
    get: async () => Buffer.from('kept'),
  }
  const blobs = sparingMemory(under)
  const key = { keyId: 'k', key: Buffer.alloc(32) }
  expect(await blobs.put('o', Buffer.alloc(100), key)).toBe('1/100')
  expect(flags).toEqual([])
  await blobs.put('o', Buffer.alloc(300_000), key)
  vi.advanceTimersByTime(29_000)
  await blobs.put('o', Buffer.alloc(300_000), key)
  vi.advanceTimersByTime(29_000)
  expect(flags).not.toContain('--heap-growing-percent=0')
  vi.advanceTimersByTime(2_000)
  expect(flags.at(-1)).toBe('--heap-growing-percent=0')
  expect(await blobs.get('a', key.key)).toEqual(Buffer.from('kept'))
})
