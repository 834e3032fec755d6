import { randomBytes, randomUUID } from 'node:crypto'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import type { DomainEvent, Envelope } from '@weconnect/contracts/envelope'
import { eventCatalogue } from '@weconnect/contracts/events/catalogue'
import type { PinDataChanged } from '@weconnect/contracts/events/workflow'
import type { JsonValue } from '@weconnect/contracts/json'
import { eventOfType, eventTypes } from '@weconnect/testing/event-arbitrary'
import { type JournalFixture, openJournalFixture, someContext } from '@weconnect/testing/journal-fixture'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { maxAppendBytes, type StoredEvent } from '../port.ts'
import { verifyLog } from '../verify/verify.ts'
import { noStream } from './journal.ts'
import { bytesOfDeferred } from './json-path.ts'

let fixture: JournalFixture
beforeEach(() => {
  fixture = openJournalFixture()
})
afterEach(() => fixture.close())

const failing = (code: string) => expect.objectContaining({ code })
const opened = async (stream: string): Promise<Envelope[]> => Array.fromAsync(fixture.journal.read(stream))
const stored = async (stream: string): Promise<StoredEvent[]> => Array.fromAsync(fixture.store.read(stream))
const execution = (): string => `execution-${randomUUID()}`
const pinned = (pinData: string): DomainEvent => ({ type: 'PinDataChanged', data: { pinData } })
const workflow = (): string => `workflow-${randomUUID()}`
/** Text that does not compress. */
const noise = (length: number): string => randomBytes(length).toString('base64').slice(0, length)
const blobFiles = (): string[] =>
  readdirSync(join(fixture.folder, 'blobs'), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ name }) => name)

describe('what is written reads the same', () => {
  test.each(eventTypes)('%s', async (type) => {
    await fc.assert(
      fc.asyncProperty(fc.array(eventOfType(type), { minLength: 1, maxLength: 3 }), async (events) => {
        const stream = `${eventCatalogue[type].family}-${randomUUID()}`
        const context = someContext()
        const written = await fixture.journal.append(stream, noStream, events as readonly DomainEvent[], context)
        const read = await opened(stream)
        expect(read.map(({ type, data }) => ({ type, data }))).toEqual(events)
        expect(read.map(({ eventId }) => eventId)).toEqual(written.eventIds)
        expect(read.map(({ revision }) => revision)).toEqual(events.map((_, index) => index))
        expect(read.at(-1)).toMatchObject({
          ...context,
          stream,
          time: written.time,
          hash: written.head.hash,
          position: written.token.position,
        })
      }),
      { numRuns: 15 },
    )
    const report = await verifyLog({ store: fixture.store })
    expect(report.problems).toEqual([])
  })
})

test('payloads are not in the log, structure is', async () => {
  const stream = execution()
  const input = [[{ json: { secret: 'hunter2-and-more' } }]]
  const requested: DomainEvent = {
    type: 'ExecutionRequested',
    data: { executionId: 'id', workflowId: 'wf', workflowVersion: 1, workflowRevision: 2, trigger: 'manual', input },
  }
  await fixture.journal.append(stream, noStream, [requested], someContext())
  const [event] = await stored(stream)
  const data = JSON.parse(event?.data.toString() ?? '') as Record<string, unknown>
  expect(data).toMatchObject({ executionId: 'id', trigger: 'manual', input: { keyId: expect.any(String), sealed: expect.any(String) } })
  expect(event?.data.toString()).not.toContain('hunter2')
  expect((await opened(stream))[0]).toMatchObject({ data: { input } })
})

test('appends continue the chain and conflict when the head is not the last', async () => {
  const stream = workflow()
  const context = someContext()
  const first = await fixture.journal.append(stream, noStream, [{ type: 'WorkflowDeactivated', data: {} }], context)
  const second = await fixture.journal.append(stream, first.head, [pinned('x'), pinned('y')], context, '2026-01-01T00:00:00.000Z')
  expect(second.head.revision).toBe(2)
  await expect(fixture.journal.append(stream, first.head, [pinned('z')], context)).rejects.toEqual(failing('REVISION_CONFLICT'))
  await expect(fixture.journal.append(stream, noStream, [pinned('z')], context)).rejects.toEqual(failing('REVISION_CONFLICT'))
  await expect(fixture.journal.append(stream, { revision: 2, hash: '' }, [pinned('z')], context)).rejects.toEqual(failing('INVALID_INPUT'))
  expect((await opened(stream)).map(({ time }) => time).slice(1)).toEqual(Array(2).fill('2026-01-01T00:00:00.000Z'))
  expect(await verifyLog({ store: fixture.store })).toMatchObject({ ok: true, events: 3, streams: 1 })
})

describe('large payloads', () => {
  test('over 64 KiB they are kept as blobs, equal ones once per organisation', async () => {
    const [one, two] = [someContext(), someContext()]
    const text = noise(100_000)
    for (const context of [one, one, two]) {
      const stream = workflow()
      await fixture.journal.append(stream, noStream, [pinned(text)], context)
      expect((await stored(stream))[0]?.data.length).toBeLessThan(500)
      expect((await opened(stream))[0]?.data).toEqual({ pinData: text })
    }
    expect(blobFiles()).toHaveLength(2)
    expect((await verifyLog({ store: fixture.store })).ok).toBe(true)
  })

  test('how long the JSON of a blob is can be told without the blob', async () => {
    const stream = workflow()
    const values = [noise(70_000), ['é', ...Array.from({ length: 20_000 }, (_, n) => ({ n }))]] as JsonValue[]
    const events = values.map((pinData): DomainEvent => ({ type: 'PinDataChanged', data: { pinData: pinData as string } }))
    await fixture.journal.append(stream, noStream, events, someContext())
    const lengths = values.map((value) => Buffer.byteLength(JSON.stringify(value)))
    expect((await stored(stream)).map(({ data }) => JSON.parse(data.toString()).pinData.bytes)).toEqual(lengths)
    expect((await opened(stream)).map(({ data }) => bytesOfDeferred(data, 'pinData'))).toEqual(lengths)
  })

  test('a payload of exactly 64 KiB of JSON stays in the log', async () => {
    const stream = workflow()
    await fixture.journal.append(stream, noStream, [pinned('x'.repeat(64 * 1024 - 2))], someContext())
    expect((await stored(stream))[0]?.data.length).toBeGreaterThan(64 * 1024)
    expect((await opened(stream))[0]?.data).toEqual({ pinData: 'x'.repeat(64 * 1024 - 2) })
  })

  test('an append over the limit moves its largest payloads to blobs until it fits', async () => {
    const stream = workflow()
    const texts = Array.from({ length: 12 }, (_, index) => noise(30_000 + index * 2000))
    await fixture.journal.append(stream, noStream, texts.map(pinned), someContext())
    const bytes = (await stored(stream)).reduce((sum, { data, metadata }) => sum + data.length + metadata.length, 0)
    expect(bytes).toBeLessThanOrEqual(maxAppendBytes)
    expect((await opened(stream)).map(({ data }) => data)).toEqual(texts.map((pinData) => ({ pinData })))
    const moved = blobFiles().length
    expect(moved).toBeGreaterThan(0)
    expect(moved).toBeLessThan(texts.length)
  })

  test('what cannot be moved is refused', async () => {
    const events: DomainEvent[] = [{ type: 'WorkflowDescribed', data: { description: 'x'.repeat(maxAppendBytes) } }]
    await expect(fixture.journal.append(workflow(), noStream, events, someContext())).rejects.toEqual(failing('APPEND_TOO_LARGE'))
  })
})

test('a destroyed key erases what it sealed, in the log and in blobs, and leaves the chain whole', async () => {
  const context = someContext()
  const other = someContext()
  const stream = workflow()
  const { head } = await fixture.journal.append(stream, noStream, [pinned('small'), pinned(noise(100_000))], context)
  await fixture.journal.append(workflow(), noStream, [pinned('kept')], other)
  const [event] = await stored(stream)
  const { keyId } = (JSON.parse(event?.data.toString() ?? '') as { pinData: { keyId: string } }).pinData
  fixture.keyring.destroy(keyId)
  expect((await opened(stream)).map(({ data }) => data)).toEqual(Array(2).fill({ pinData: { $erased: true } }))
  await fixture.journal.append(stream, head, [pinned('after')], context)
  const all = await fixture.journal.readAll({ limit: 100 })
  expect(all.map(({ data }) => (data as { pinData: unknown }).pinData).slice(2)).toEqual(['kept', 'after'])
  expect((await verifyLog({ store: fixture.store })).ok).toBe(true)
})

describe('what it cannot read it names', () => {
  const raw = async (type: string, metadata: object, data: unknown = {}): Promise<string> => {
    const stream = execution()
    const bytes = { id: randomUUID(), type, data: Buffer.from(JSON.stringify(data)), metadata: Buffer.from(JSON.stringify(metadata)) }
    await fixture.store.append(stream, 'none', [bytes])
    return stream
  }
  test('an unknown type', async () => {
    const stream = await raw('StepTeleported', { eventId: 'e', type: 'StepTeleported', schemaVersion: 1 })
    await expect(opened(stream)).rejects.toThrow(/StepTeleported/)
    await expect(opened(stream)).rejects.toEqual(failing('LOG_CORRUPT'))
  })
  test('a newer schema version', async () => {
    const stream = await raw('StepStarted', { eventId: 'e', type: 'StepStarted', schemaVersion: 99 })
    await expect(opened(stream)).rejects.toThrow(/StepStarted in schema version 99/)
  })
  test('a payload that was moved to another event', async () => {
    const [from, to] = [workflow(), workflow()]
    await fixture.journal.append(from, noStream, [pinned('mine')], someContext())
    const [event] = await stored(from)
    await fixture.store.append(to, 'none', [{ ...(event as StoredEvent), id: randomUUID() }])
    const [moved] = (await opened(to)) as Envelope<PinDataChanged>[]
    expect(() => moved?.data.pinData).toThrow(failing('PAYLOAD_UNREADABLE'))
  })
})

test('a subscription delivers opened events from its place on', async () => {
  const { journal } = fixture
  const context = someContext()
  const { token } = await journal.append(workflow(), noStream, [pinned('before')], context)
  const live = journal.subscribe({ after: 'end' })
  const late = journal.subscribe({ after: token.position, families: ['workflow'] })
  await journal.append(workflow(), noStream, [pinned(noise(80_000)), pinned('small')], context)
  for (const subscription of [live, late]) {
    for await (const [first, second] of subscription) {
      expect(first).toMatchObject({ data: { pinData: expect.stringMatching(/^.{80000}$/) } })
      expect(second?.data).toEqual({ pinData: 'small' })
      break
    }
  }
})
