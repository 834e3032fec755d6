import { noStream } from '@weconnect/eventstore/journal'
import { histories } from '@weconnect/testing/histories'
import { openJournalFixture, someContext } from '@weconnect/testing/journal-fixture'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { newestStates } from './newest-states.ts'
import { recordedEvent } from './recorded-event.ts'

test('the newest states are the same however the log is cut into batches, also when a relay begins in the middle', async () => {
  await fc.assert(
    fc.asyncProperty(
      histories(40),
      fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1 }),
      fc.nat(30),
      async (appends, cuts, restartAt) => {
        const log = openJournalFixture()
        try {
          const heads = new Map<string, typeof noStream>()
          for (const { stream, events } of appends) {
            const { head } = await log.journal.append(stream, heads.get(stream) ?? noStream, events, someContext())
            heads.set(stream, head)
          }
          const events = (await log.store.readAll({ limit: 10_000 })).map(recordedEvent)
          const atOnce = new Map((await newestStates(log.store)(events)).map(({ state, event }) => [event.stored.stream, state]))
          const inParts = new Map<string, unknown>()
          let statesAfter = newestStates(log.store)
          for (let from = 0, cut = 0; from < events.length; cut += 1) {
            if (cut === restartAt) statesAfter = newestStates(log.store)
            const size = cuts[cut % cuts.length] ?? 1
            for (const { state, event } of await statesAfter(events.slice(from, from + size))) inParts.set(event.stored.stream, state)
            from += size
          }
          expect(inParts).toEqual(atOnce)
        } finally {
          await log.close()
        }
      },
    ),
    { numRuns: 25 },
  )
})
