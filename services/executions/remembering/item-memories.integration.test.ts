import { randomUUID } from 'node:crypto'
import { WeConnectError } from '@weconnect/contracts/errors'
import type { MemoryRequest } from '@weconnect/contracts/memory'
import { type JournalFixture, openJournalFixture } from '@weconnect/testing/journal-fixture'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { CallSite } from '../parts.ts'
import { memoryStream, openItemMemories } from './item-memories.ts'

let log: JournalFixture
beforeEach(() => {
  log = openJournalFixture()
})
afterEach(() => log.close())

const workflowId = randomUUID()
const site = (executionId: string, more: Partial<CallSite> = {}): CallSite => ({
  executionId,
  organisationId: '5c0b2f5e-0000-4000-8000-000000000001',
  workflowId,
  nodeId: 'node',
  step: 1,
  runIndex: 0,
  attempt: 1,
  isRepeated: false,
  effectEpoch: 0,
  allow: 'all',
  ...more,
})
const values = (...of: readonly (string | number)[]): MemoryRequest => ({
  kind: 'compare',
  scope: 'node',
  by: 'value',
  values: of,
  size: 10_000,
})
const open = () => openItemMemories(log.journal, { wait: async () => undefined, limit: async () => undefined })
const signal = new AbortController().signal

test('each value is new for one of many executions at once, on two engines', async () => {
  const engines = [open(), open()]
  const asks = Array.from({ length: 40 }, (_, execution) => Array.from({ length: 5 }, (_, index) => (execution * 3 + index) % 60))
  const answers = await Promise.all(asks.map((of, index) => engines[index % 2]!.ask(site(`e${index}`), 0, values(...of), signal)))
  const kept = answers.flatMap(({ kept: indices }, execution) => indices.map((index) => asks[execution]![index]))
  expect(kept.toSorted((a, b) => a! - b!)).toEqual([...new Set(asks.flat())].toSorted((a, b) => a - b))
})

test('a step that asks again is answered the same, also by another engine, and long after', async () => {
  const first = await open().ask(site('e'), 0, values('a', 'b'), signal)
  expect(first.kept).toEqual([0, 1])
  const memories = open()
  for (let index = 0; index < 1_100; index += 1) await memories.ask(site(`other ${index}`), 0, values('a', `${index}`), signal)
  const repeated = site('e', { isRepeated: true })
  expect(await memories.ask(repeated, 0, values('a', 'b'), signal)).toEqual(first)
  expect(await open().ask(repeated, 0, values('a', 'b'), signal)).toEqual(first)
})

test('two engines that both take a step for theirs are answered the same', async () => {
  const engines = [open(), open(), open()]
  const answers = await Promise.all(engines.map((memories) => memories.ask(site('e'), 0, values('a', 'b'), signal)))
  expect(answers.map(({ kept }) => kept)).toEqual([
    [0, 1],
    [0, 1],
    [0, 1],
  ])
  let events = 0
  for await (const event of log.journal.read(memoryStream(workflowId, 'node'))) events += event.type === 'ItemsRemembered' ? 1 : 0
  expect(events).toBe(1)
})

test('nodes have memories of their own, unless they share that of the workflow', async () => {
  const memories = open()
  const shared: MemoryRequest = { ...values('a'), scope: 'workflow' } as MemoryRequest
  const ask = async (nodeId: string, call: number, request: MemoryRequest) =>
    (await memories.ask(site('e', { nodeId, step: call }), 0, request, signal)).kept
  expect(await ask('one', 0, values('a'))).toEqual([0])
  expect(await ask('two', 1, values('a'))).toEqual([0])
  expect(await ask('one', 2, shared)).toEqual([0])
  expect(await ask('two', 3, shared)).toEqual([])
})

test('a log that has no room is waited for', async () => {
  let full = 2
  const journal = {
    ...log.journal,
    append: (async (...call) => {
      if (full-- > 0) throw new WeConnectError('DISK_FULL', 'no room')
      return log.journal.append(...call)
    }) as typeof log.journal.append,
  }
  let waits = 0
  const wait = async () => {
    waits += 1
  }
  expect(await openItemMemories(journal, { wait, limit: wait }).ask(site('e'), 0, values('a'), signal)).toEqual({ kept: [0] })
  expect(waits).toBe(2)
})
