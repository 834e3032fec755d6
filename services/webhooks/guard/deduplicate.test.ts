import fc from 'fast-check'
import { expect, test } from 'vitest'
import { openDeduplication } from './deduplicate.ts'

const webhookId = '5c0b2f5e-0000-4000-8000-000000000009'

test('whenever deliveries come: the first is taken, and the first of those behind its window', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.nat(90_000), { maxLength: 40 }),
      fc.nat(1_000_000),
      fc.integer({ min: 1, max: 60 }),
      async (gaps, begin, windowSeconds) => {
        let nowMs = begin
        const taken = new Map<string, number>()
        const executionOf = openDeduplication({ requestedAt: async (id) => taken.get(id), isUnderWay: () => false, now: () => nowMs })
        let last = Number.NEGATIVE_INFINITY
        for (const gap of gaps) {
          nowMs += gap
          const id = await executionOf(webhookId, 'key', windowSeconds)
          const isNew = !taken.has(id)
          expect(isNew).toBe(nowMs - last >= windowSeconds * 1000)
          if (!isNew) continue
          taken.set(id, nowMs)
          last = nowMs
        }
      },
    ),
  )
})

test('one that is not on disk yet counts as well', async () => {
  let nowMs = 59_999
  const known = new Set<string>()
  const executionOf = openDeduplication({ requestedAt: async () => undefined, isUnderWay: (id) => known.has(id), now: () => nowMs })
  const first = await executionOf(webhookId, 'key', 60)
  known.add(first)
  nowMs = 60_001
  expect(await executionOf(webhookId, 'key', 60)).toBe(first)
  expect(await executionOf(webhookId, 'another', 60)).not.toBe(first)
})
