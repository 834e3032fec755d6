import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import type { DomainEvent } from '@weconnect/contracts/envelope'
import { type JournalFixture, openJournalFixture, someContext } from '@weconnect/testing/journal-fixture'
import Database from 'better-sqlite3'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { noStream } from '../journal/journal.ts'
import { type VerifyReport, verifyLog } from './verify.ts'

let fixture: JournalFixture
let file: Database.Database
beforeEach(async () => {
  fixture = openJournalFixture()
  file = new Database(join(fixture.folder, 'log.db'))
  await fill()
})
afterEach(async () => {
  file.close()
  await fixture.close()
})

const step = (number: number): DomainEvent => ({
  type: 'StepSkipped',
  data: { nodeId: `node ${number}`, reason: 'not reached' },
})
const repinned: DomainEvent = { type: 'PinDataChanged', data: { pinData: { some: 'items' } } }

/** Six streams with three appends of one to three events each. */
const fill = async (): Promise<void> => {
  for (let index = 0; index < 6; index += 1) {
    const stream = `${index < 3 ? 'execution' : 'workflow'}-${randomUUID()}`
    let head = noStream
    for (const count of [2, 1, 3]) {
      const events = Array.from({ length: count }, (_, number) => (index < 3 ? step(number) : repinned))
      head = (await fixture.journal.append(stream, head, events, someContext())).head
    }
  }
}

const verify = (): Promise<VerifyReport> => verifyLog({ store: fixture.store })
/** Changes the file, verifies, and puts the file back. */
const verifyAfter = async (change: () => void): Promise<VerifyReport> => {
  const rows = file
    .prepare<[], { position: number; stream: number; revision: number; count: number; body: Buffer }>('select * from appends')
    .all()
  const streams = file.prepare<[], { id: number; name: string; revision: number }>('select * from streams').all()
  change()
  const report = await verify()
  file.exec('delete from appends; delete from streams')
  for (const row of rows) file.prepare('insert into appends values (@position, @stream, @revision, @count, @body)').run(row)
  for (const row of streams) file.prepare('insert into streams values (@id, @name, @revision)').run(row)
  return report
}

test('an untouched log is in order', async () => {
  const progress: number[] = []
  const report = await verifyLog({ store: fixture.store, onProgress: ({ events }) => progress.push(events) })
  expect(report).toEqual({ ok: true, events: 36, streams: 6, problems: [] })
  expect(progress).toEqual([36])
})

describe('tampering is found', () => {
  const positions = (): number[] => file.prepare<[], number>('select position from appends order by position').pluck().all()

  test('any byte of any append', async () => {
    const flip = (position: number, place: number, mask: number): void => {
      const body = file.prepare<[number], Buffer>('select body from appends where position = ?').pluck().get(position) as Buffer
      const at = place % body.length
      body[at] = (body[at] as number) ^ mask
      file.prepare('update appends set body = ? where position = ?').run(body, position)
    }
    const property = fc.asyncProperty(fc.nat(17), fc.nat(), fc.integer({ min: 1, max: 255 }), async (index, place, mask) => {
      const report = await verifyAfter(() => flip(positions()[index] as number, place, mask))
      expect(report.ok).toBe(false)
      expect(report.problems[0]?.problem).toBeTypeOf('string')
    })
    await fc.assert(property, { numRuns: 150 })
    expect((await verify()).ok).toBe(true)
  }, 120_000)

  test('an append that is gone, wherever it was', async () => {
    for (const position of positions()) {
      const report = await verifyAfter(() => void file.prepare('delete from appends where position = ?').run(position))
      expect(report.ok).toBe(false)
    }
  })

  test('a whole stream that is gone', async () => {
    const report = await verifyAfter(() => file.exec('delete from appends where stream = 2; delete from streams where id = 2'))
    expect(report.problems.map(({ problem }) => problem)).toContain('an append is missing here')
  })

  test('two appends that changed places', async () => {
    const report = await verifyAfter(() =>
      // The appends of the first stream hold the places 1-2, 3 and 4-6; now the last comes first.
      file.exec(`update appends set position = -position where stream = 1;
                 update appends set position = case revision when 3 then 1 when 0 then 4 else 6 end where position < 0`),
    )
    expect(report.problems.map(({ problem }) => problem).join()).toMatch(/its revision is/)
  })

  test('the end of a stream under another count', async () => {
    const report = await verifyAfter(() => file.exec('update streams set revision = revision - 1 where id = 3'))
    expect(report.problems).toMatchObject([{ problem: expect.stringMatching(/should end at revision 4/) }])
  })

  test('a stream under another name', async () => {
    const report = await verifyAfter(() => file.exec(`update streams set name = 'execution-${randomUUID()}' where id = 1`))
    expect(report.problems).toMatchObject([{ revision: 0, problem: expect.stringMatching(/hash does not follow/) }])
  })

  test('an event of one family in a stream of another', async () => {
    const report = await verifyAfter(() => file.exec(`update streams set name = 'user-${randomUUID()}' where id = 1`))
    expect(report.problems.map(({ problem }) => problem).join()).toMatch(/does not belong in a stream of the family "user"/)
  })
})

test('an event that breaks its schema is found, with its place', async () => {
  const stream = `workflow-${randomUUID()}`
  const bad = { type: 'WorkflowTagged', data: { tags: ['fine', 7] } } as unknown as DomainEvent
  const { token } = await fixture.journal.append(stream, noStream, [{ type: 'WorkflowDeactivated', data: {} }, bad], someContext())
  const undeclared = { type: 'WorkflowDeactivated', data: { surprise: 1 } } as unknown as DomainEvent
  await fixture.journal.append(`workflow-${randomUUID()}`, noStream, [undeclared], someContext())
  const { problems } = await verify()
  expect(problems).toHaveLength(2)
  expect(problems[0]).toEqual({ stream, revision: 1, position: token.position, problem: expect.stringMatching(/schema at tags\.1/) })
})

test('it stops at the limit', async () => {
  file.exec('update streams set revision = revision + 1')
  expect((await verifyLog({ store: fixture.store, limit: 2 })).problems).toHaveLength(2)
})
