import type { Envelope } from '@weconnect/contracts/envelope'
import type { Journal } from '@weconnect/eventstore/journal'
import type { Generation, ReadModelStore } from '@weconnect/projections/runner/store'
import { storeWriter } from '@weconnect/projections/runner/store-writer'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { executionStarted, idOf, requested } from '../execution-events.ts'
import { type HistoryAppend, histories } from '../histories.ts'
import { openJournalFixture, someContext } from '../journal-fixture.ts'
import { appender, openStoreModel } from '../read-models.ts'

export interface OpenedReadModelStore {
  /** Over the same server and the same documents, each time anew. @param version another than that of the code */
  store(version?: number): ReadModelStore
  /** All that readers can see, in a fixed order. */
  content(): Promise<unknown>
  /** Removes everything. */
  empty(): Promise<void>
  close(): Promise<void>
}

/** Each stream keeps its order; which stream comes first is chance. */
const shuffled = (events: readonly Envelope[], choices: readonly number[]): readonly Envelope[] => {
  const queues = [...Map.groupBy(events, ({ stream }) => stream).values()].map((queue) => [...queue])
  const mixed: Envelope[] = []
  for (let turn = 0; mixed.length < events.length; turn += 1) {
    const open = queues.filter((queue) => queue.length > 0)
    const next = open[(choices[turn % choices.length] ?? 0) % open.length]?.shift()
    if (next !== undefined) mixed.push(next)
  }
  return mixed
}

/** Batches of any size; some are written again from further back, as after a crash before the position was kept. */
const writeBadly = async (
  journal: Journal,
  generation: Generation,
  events: readonly Envelope[],
  choices: readonly number[],
): Promise<void> => {
  const writer = storeWriter(journal)
  let from = 0
  for (let turn = 0; from < events.length; turn += 1) {
    const choice = choices[turn % choices.length] ?? 0
    const to = Math.min(events.length, from + 1 + (choice % 9))
    expect(await writer.write(generation, events.slice(from, to))).toBeUndefined()
    from = choice % 5 === 0 && turn < 200 ? Math.max(0, from - (choice % 13)) : to
  }
}

/** What is asked of every store of a read model: exactly once in effect. */
export const readModelStoreContract = (
  name: string,
  open: () => Promise<OpenedReadModelStore>,
  { skip = false, runs = 8 }: { readonly skip?: boolean; readonly runs?: number } = {},
): void => {
  describe.skipIf(skip)(`the read model in ${name}`, () => {
    let opened: OpenedReadModelStore
    beforeAll(async () => {
      opened = await open()
    })
    afterAll(() => opened?.close())

    /** Written once, in order, by a rebuild. */
    const fresh = async (journal: Journal): Promise<unknown> => {
      await opened.empty()
      const runner = openStoreModel(opened.store(), { journal, close: async () => undefined } as ReturnType<
        typeof openJournalFixture
      >).runner
      const [status] = await runner.status()
      await runner.rebuild(status?.name ?? '')
      await runner.close()
      return opened.content()
    }

    const append = async (journal: Journal, history: readonly HistoryAppend[]): Promise<readonly Envelope[]> => {
      const write = appender(journal, someContext())
      for (const { stream, events } of history) await write(stream, ...events)
      return journal.readAll({ limit: 100_000 })
    }

    test('however often and in whatever batches events are written, the documents are those of a rebuild', async () => {
      await fc.assert(
        fc.asyncProperty(histories(), fc.array(fc.nat(1_000), { minLength: 5, maxLength: 40 }), async (history, choices) => {
          const log = openJournalFixture()
          try {
            const events = await append(log.journal, history)
            const expected = await fresh(log.journal)
            await opened.empty()
            const store = opened.store()
            await writeBadly(log.journal, await store.open(), shuffled(events, choices), choices)
            await store.close()
            expect(await opened.content()).toEqual(expected)
          } finally {
            await log.close()
          }
        }),
        { numRuns: runs, endOnFailure: true },
      )
    })

    const some = async (journal: Journal, from: number, count: number): Promise<string> => {
      const write = appender(journal, someContext())
      let position = ''
      for (let n = from; n < from + count; n += 1) position = await write(`execution-${idOf(n)}`, requested(n), executionStarted)
      return position
    }
    const limits = { timeoutMs: 60_000 }

    test('it goes on where it stood, and is built anew for another version or another log', async () => {
      await opened.empty()
      const log = openJournalFixture()
      const events: number[] = []
      const runOn = async (version?: number): Promise<void> => {
        const position = await some(log.journal, events.length * 10, 3)
        const store = opened.store(version)
        const { runner } = openStoreModel(store, { ...log, close: async () => undefined })
        await runner.waitFor(position, { names: [store.name], ...limits })
        events.push((await runner.status())[0]?.version ?? -1)
        await runner.close()
      }
      await runOn()
      const store = opened.store()
      const { position } = await store.open()
      expect(position).toBe(await log.journal.head())
      await runOn()
      await runOn(77)
      expect(events.at(-1)).toBe(77)
      const again = await store.open()
      expect([again.version, again.position]).toEqual([77, await log.journal.head()])
      const rebuilt = await opened.content()
      expect(await fresh(log.journal)).toEqual(rebuilt)
      const other = openJournalFixture()
      const position2 = await some(other.journal, 500, 1)
      const model = openStoreModel(opened.store(), other)
      await model.runner.waitFor(position2, { names: [store.name], ...limits })
      const foreign = await opened.content()
      await model.runner.close()
      expect(await fresh(other.journal)).toEqual(foreign)
      await store.close()
      await other.close()
      await log.close()
    })

    test('a generation that was replaced cannot keep a position any more', async () => {
      await opened.empty()
      const log = openJournalFixture()
      const position = await some(log.journal, 0, 2)
      const [mine, theirs] = [opened.store(), opened.store()]
      const old = await mine.open()
      const next = await theirs.begin()
      await theirs.swap(next)
      await expect(old.keep(position)).rejects.toMatchObject({ code: 'LEASE_LOST' })
      await next.keep(position)
      expect((await mine.open()).position).toBe(position)
      await mine.close()
      await theirs.close()
      await log.close()
    })
  })
}
