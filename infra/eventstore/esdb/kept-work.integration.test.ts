import { randomUUID } from 'node:crypto'
import { serveLog } from '@weconnect/testing/event-store-server'
import { type TestDatabase, testDatabase } from '@weconnect/testing/postgres'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { EventBytes, EventStore, WorkOf, WorkRow } from '../port.ts'
import { formatPosition } from '../position.ts'
import { type KeptWork, openKeptWork } from './kept-work.ts'
import { openEsdbEventStore } from './open-esdb.ts'
import { type WorkKeeper, workKeeper } from './work-keeper.ts'

let database: TestDatabase
beforeAll(async () => {
  database = await testDatabase()
}, 120_000)
afterAll(() => database?.close())

const event = (type: string): EventBytes => ({ id: randomUUID(), type, data: Buffer.from('{}'), metadata: Buffer.from('{}') })
const finished = ['ExecutionRequested', 'ExecutionStarted', 'ExecutionCompleted']

/** Counts what it is asked: that is what a start reads of the log. */
const counting = (): { readonly of: WorkOf; readonly asked: () => number } => {
  let asked = 0
  return {
    asked: () => asked,
    of: (stream, events) => {
      asked += 1
      const type = events.at(-1)?.type
      if (type === 'ExecutionCompleted') return 'done'
      return type === 'ExecutionStarted' ? { stream, status: 'running', worker: 'w', epoch: 1 } : { stream, status: 'ready' }
    },
  }
}

test('a process that starts reads what is open, and of the log only what came since', async () => {
  const served = await serveLog()
  const open = (of: WorkOf): Promise<EventStore> =>
    openEsdbEventStore({ url: served.url, workOf: of, workDatabase: database.connection, workVersion: 7 })
  try {
    const first = await open(counting().of)
    const runs = Array.from({ length: 400 }, () => `execution-${randomUUID()}`)
    await Promise.all(runs.map((stream) => first.append(stream, 'none', finished.map(event))))
    const [ready, running] = [`execution-${randomUUID()}`, `execution-${randomUUID()}`]
    await first.append(ready, 'none', [event('ExecutionRequested')])
    await first.append(running, 'none', [event('ExecutionRequested'), event('ExecutionStarted')])
    const expected = [
      { stream: ready, status: 'ready' },
      { stream: running, status: 'running', worker: 'w', epoch: 1 },
    ]
    expect(await first.openWork()).toEqual(expected)
    await first.close()

    const again = counting()
    const second = await open(again.of)
    expect(await second.openWork()).toEqual(expected)
    expect(again.asked()).toBe(0)
    await second.append(ready, 0, [event('ExecutionCompleted')])
    expect(await second.openWork()).toEqual(expected.slice(1))
    expect(again.asked()).toBe(1)
    await second.close()
  } finally {
    await served.close()
  }
}, 60_000)

test('other code folds the log anew, and a log that ends before what was kept too', async () => {
  const served = await serveLog()
  try {
    const url = served.url
    const stream = `execution-${randomUUID()}`
    const first = await openEsdbEventStore({ url, workOf: counting().of, workDatabase: database.connection })
    await first.append(stream, 'none', [event('ExecutionRequested')])
    await first.openWork()
    await first.close()
    const newer = counting()
    const second = await openEsdbEventStore({ url, workOf: newer.of, workDatabase: database.connection, workVersion: 2 })
    expect(await second.openWork()).toEqual([{ stream, status: 'ready' }])
    expect(newer.asked()).toBe(1)
    const beyond = await openKeptWork(database.pool, `${second.logId}/3`)
    await beyond.move(undefined, formatPosition(second.logId, 1_000_000), [])
    const third = counting()
    const restored = await openEsdbEventStore({ url, workOf: third.of, workDatabase: database.connection, workVersion: 3 })
    expect(await restored.openWork()).toEqual([{ stream, status: 'ready' }])
    expect(third.asked()).toBe(1)
    await restored.close()
    await second.close()
  } finally {
    await served.close()
  }
}, 60_000)

describe('what other code has kept', () => {
  const logId = (): string => randomUUID().replaceAll('-', '').slice(0, 8)
  const at = (log: string, place: number): string => formatPosition(log, place)
  const opened = { stream: 'execution-1', row: { stream: 'execution-1', status: 'ready' } } as const
  const keptBy = async (fold: string, place: number): Promise<KeptWork> => {
    const kept = await openKeptWork(database.pool, fold)
    const position = at(fold.split('/')[0] ?? '', place)
    await kept.move(undefined, position, [{ ...opened, since: position }])
    await kept.tend()
    return kept
  }
  /** Nobody reads it for longer than an hour. */
  const abandon = (fold: string) =>
    database.pool.query(`update weconnect_live.work_readers set seen_at = seen_at - interval '61 minutes' where fold = $1`, [fold])
  const rowsOf = async (fold: string): Promise<number> =>
    (await database.pool.query('select 1 from weconnect_live.work where fold = $1', [fold])).length

  test('stays while somebody reads it, and until the newer is as far', async () => {
    const log = logId()
    const [older, newer] = [await keptBy(`${log}/1`, 9), await keptBy(`${log}/2`, 5)]
    await abandon(`${log}/1`)
    await newer.tend()
    expect(await rowsOf(`${log}/1`)).toBe(1)
    await newer.move(at(log, 5), at(log, 12), [])
    await older.tend()
    await newer.tend()
    expect(await rowsOf(`${log}/1`)).toBe(1)
    await abandon(`${log}/1`)
    await newer.tend()
    expect([await rowsOf(`${log}/1`), await older.read()]).toEqual([0, undefined])
    expect([await rowsOf(`${log}/2`), (await newer.read())?.position]).toEqual([1, at(log, 12)])
  })

  test('of code that says nothing of itself goes an hour after it was found; what another log has stays', async () => {
    const [log, other] = [logId(), logId()]
    const silent = await openKeptWork(database.pool, `${log}/1`)
    await silent.move(undefined, at(log, 1), [{ ...opened, since: at(log, 1) }])
    const newer = await keptBy(`${log}/2`, 4)
    await keptBy(`${other}/1`, 1)
    await abandon(`${other}/1`)
    await newer.tend()
    expect(await rowsOf(`${log}/1`)).toBe(1)
    await abandon(`${log}/1`)
    await newer.tend()
    expect([await rowsOf(`${log}/1`), await rowsOf(`${other}/1`)]).toEqual([0, 1])
  })

  test('is no loss to who reads it after all: it goes on, and who starts folds the log once more', async () => {
    const log = logId()
    const older = await keptBy(`${log}/1`, 3)
    const newer = await keptBy(`${log}/2`, 3)
    await abandon(`${log}/1`)
    await newer.tend()
    expect(await older.move(at(log, 3), at(log, 6), [{ ...opened, since: at(log, 3) }])).toBe(at(log, 6))
    expect([await rowsOf(`${log}/1`), await older.read()]).toEqual([0, undefined])
    await keptBy(`${log}/1`, 6)
    await newer.tend()
    expect(await rowsOf(`${log}/1`)).toBe(1)
  })

  test('is removed by a process that starts on the log', async () => {
    const served = await serveLog()
    const open = (workVersion: number): Promise<EventStore> =>
      openEsdbEventStore({ url: served.url, workOf: counting().of, workDatabase: database.connection, workVersion })
    const [older, stream] = [await open(1), `execution-${randomUUID()}`]
    await older.append(stream, 'none', [event('ExecutionRequested')])
    await older.openWork()
    await older.close()
    const newer = await open(2)
    await newer.openWork()
    await newer.close()
    await abandon(`${older.logId}/1`)
    expect(await rowsOf(`${older.logId}/1`)).toBe(1)
    const again = await open(2)
    expect(await again.openWork()).toEqual([{ stream, status: 'ready' }])
    await expect.poll(() => rowsOf(`${older.logId}/1`), { timeout: 60_000 }).toBe(0)
    expect(await rowsOf(`${older.logId}/2`)).toBe(1)
    await again.close()
    await served.close()
  }, 120_000)
})

/** A process that folds the log as it comes, and keeps what it folded now and then. */
interface Folder {
  readonly keeper: WorkKeeper
  readonly rows: Map<string, WorkRow>
  at: number
}

/** Streams 0 to 9, each opened, changed and closed any number of times. */
const changes = fc.array(fc.record({ stream: fc.nat(9), what: fc.constantFrom('ready', 'running', 'done') }), {
  minLength: 1,
  maxLength: 60,
})
/** Which of three processes folds how much more, and whether it then keeps it, or dies and starts anew from what is kept. */
const turns = fc.array(fc.record({ who: fc.nat(2), more: fc.nat(12), end: fc.constantFrom('nothing', 'keep', 'die') }), { maxLength: 25 })
const place = (index: number): string => formatPosition('aaaaaaaa', index + 1)

test('whoever keeps it, and whoever dies meanwhile: what is kept is what the log says', async () => {
  let round = 0
  await fc.assert(
    fc.asyncProperty(changes, turns, async (log, schedule) => {
      round += 1
      const kept = await openKeptWork(database.pool, `round ${round}`)
      const folders = await Promise.all([0, 1, 2].map(() => begin(kept)))
      for (const { who, more, end } of schedule) {
        const folder = folders[who] as Folder
        advance(folder, log, more)
        if (end === 'keep' && folder.at > 0) await folder.keeper.save(place(folder.at - 1))
        if (end === 'die') folders[who] = await begin(kept)
      }
      const last = folders[0] as Folder
      advance(last, log, log.length)
      await last.keeper.save(place(log.length - 1))
      const { position, rows } = (await kept.read()) ?? { position: '', rows: [] }
      expect(position).toBe(place(log.length - 1))
      expect(new Map(rows.map((row) => [row.stream, row]))).toEqual(last.rows)
      expect(last.rows).toEqual(wholeOf(log))
    }),
    { numRuns: 60 },
  )
}, 60_000)

type Log = readonly { readonly stream: number; readonly what: string }[]

const rowAt = (log: Log, index: number): { readonly stream: string; readonly row: WorkRow | undefined } => {
  const { stream: number, what } = log[index] as Log[number]
  const stream = `execution-${number}`
  return { stream, row: what === 'done' ? undefined : { stream, status: what === 'ready' ? 'ready' : 'running', epoch: index } }
}

const begin = async (kept: KeptWork): Promise<Folder> => {
  const found = await kept.read()
  const at = found === undefined ? 0 : Array.from({ length: 100 }, (_, index) => place(index)).indexOf(found.position) + 1
  return { keeper: workKeeper(kept, found?.position), rows: new Map((found?.rows ?? []).map((row) => [row.stream, row])), at }
}

const advance = (folder: Folder, log: Log, more: number): void => {
  for (const end = Math.min(log.length, folder.at + more); folder.at < end; folder.at += 1) {
    const { stream, row } = rowAt(log, folder.at)
    folder.keeper.note(stream, row, place(folder.at), !folder.rows.has(stream))
    if (row) folder.rows.set(stream, row)
    else folder.rows.delete(stream)
  }
}

const wholeOf = (log: Log): ReadonlyMap<string, WorkRow> => {
  const rows = new Map<string, WorkRow>()
  for (const index of log.keys()) {
    const { stream, row } = rowAt(log, index)
    if (row) rows.set(stream, row)
    else rows.delete(stream)
  }
  return rows
}
