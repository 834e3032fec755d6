import { randomUUID } from 'node:crypto'
import type { WorkflowEvent } from '@weconnect/contracts/events/workflow'
import { type JournalFixture, openJournalFixture, someContext } from '@weconnect/testing/journal-fixture'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type CommandHandler, commandHandler, type Recorded } from './command-handler.ts'
import type { Journal } from './journal.ts'

interface Command {
  readonly id: string
  readonly tag: string
}
interface Tags {
  readonly tags: readonly string[]
  readonly seen: readonly Recorded<WorkflowEvent>[]
}

/** Adds a tag, once. */
const decider = {
  decide: ({ tag }: Command, { tags }: Tags): WorkflowEvent[] =>
    tags.includes(tag) ? [] : [{ type: 'WorkflowTagged', data: { tags: [...tags, tag] } }],
  evolve: ({ tags, seen }: Tags, event: Recorded<WorkflowEvent>): Tags => ({
    tags: event.type === 'WorkflowTagged' ? event.data.tags : tags,
    seen: [...seen, event],
  }),
  initial: { tags: [], seen: [] } as Tags,
  streamOf: ({ id }: Command): string => `workflow-${id}`,
}

let fixture: JournalFixture
let handle: CommandHandler<Command, Tags, WorkflowEvent>
let reads: number
let id: string
const context = someContext()

const counted = (journal: Journal): Journal => ({
  ...journal,
  async *read(stream, options) {
    for await (const event of journal.read(stream, options)) {
      reads += 1
      yield event
    }
  },
})

beforeEach(() => {
  fixture = openJournalFixture()
  reads = 0
  id = randomUUID()
  handle = commandHandler({ journal: counted(fixture.journal), ...decider })
})
afterEach(() => fixture.close())

test('a command is decided on the folded state and appended', async () => {
  await handle({ id, tag: 'a' }, context)
  const { state, head, token, events } = await handle({ id, tag: 'b' }, context)
  expect(state.tags).toEqual(['a', 'b'])
  expect(head.revision).toBe(1)
  expect(token).toMatchObject({ stream: `workflow-${id}`, revision: 1, position: await fixture.journal.head() })
  expect(events).toEqual([{ type: 'WorkflowTagged', data: { tags: ['a', 'b'] } }])
})

test('nothing decided, nothing written; the token is that of the head', async () => {
  const first = await handle({ id, tag: 'a' }, context)
  const second = await handle({ id, tag: 'a' }, context)
  expect(second).toEqual({ ...first, events: [] })
  expect(await handle.load(`workflow-${id}`)).toMatchObject({ head: first.head })
})

test('a live fold and a replayed one see the same', async () => {
  for (const tag of ['a', 'b', 'c']) await handle({ id, tag }, context)
  const live = (await handle.load(`workflow-${id}`)).state
  const replayed = (await commandHandler({ journal: fixture.journal, ...decider }).load(`workflow-${id}`)).state
  const bare = (event: Recorded<WorkflowEvent>): object => {
    const { position: _position, hash: _hash, schemaVersion: _version, ...rest } = event as unknown as Record<string, unknown>
    return rest
  }
  expect(replayed.tags).toEqual(live.tags)
  expect(replayed.seen.map(bare)).toEqual(live.seen.map(bare))
})

test('what it wrote itself is not read again, what others wrote is', async () => {
  for (const tag of ['a', 'b', 'c']) await handle({ id, tag }, context)
  expect(reads).toBe(0)
  await commandHandler({ journal: fixture.journal, ...decider })({ id, tag: 'x' }, context)
  expect((await handle({ id, tag: 'd' }, context)).state.tags).toEqual(['a', 'b', 'c', 'x', 'd'])
  expect(reads).toBe(1)
})

test('commands that meet are decided again until each is in', async () => {
  const other = commandHandler({ journal: fixture.journal, ...decider })
  await Promise.all(['a', 'b', 'c'].flatMap((tag) => [handle({ id, tag }, context), other({ id, tag: `${tag}${tag}` }, context)]))
  expect([...(await handle.load(`workflow-${id}`)).state.tags].sort()).toEqual(['a', 'aa', 'b', 'bb', 'c', 'cc'])
})

test('an expected revision that is not the head is stale, before and during the append', async () => {
  await handle({ id, tag: 'a' }, context, { expectedRevision: -1 })
  await handle({ id, tag: 'b' }, context, { expectedRevision: 0 })
  const stale = expect.objectContaining({ code: 'STALE_EXPECTED_VERSION' })
  await expect(handle({ id, tag: 'c' }, context, { expectedRevision: 0 })).rejects.toEqual(stale)
  const racing = ['c', 'd'].map((tag) => handle({ id, tag }, context, { expectedRevision: 1 }))
  const results = await Promise.allSettled(racing)
  expect(results.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
  expect(results.find(({ status }) => status === 'rejected')).toMatchObject({ reason: stale })
})

test('a rejection writes nothing and is passed on', async () => {
  const refusing = commandHandler({
    journal: fixture.journal,
    ...decider,
    decide: (): WorkflowEvent[] => {
      throw new Error('no')
    },
  })
  await expect(refusing({ id, tag: 'a' }, context)).rejects.toThrow('no')
  expect(await fixture.journal.head()).toBeUndefined()
})
