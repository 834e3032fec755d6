import { familyOf, idOf } from '@weconnect/contracts/ids'
import type { JsonObject } from '@weconnect/contracts/json'
import { openEngineFixture } from '@weconnect/testing/engine-fixture'
import { manual, type NodeSketch, workflowFile } from '@weconnect/testing/n8n-workflow'
import { killed } from '@weconnect/testing/promises/crash'
import { type SlotCrashOrder, slowNode } from '@weconnect/testing/promises/slot-crash-process'
import { recountSlots } from '@weconnect/testing/recount-slots'
import { expect, test, vi } from 'vitest'

vi.setConfig({ testTimeout: 600_000 })
const patience = { timeout: 120_000, interval: 100 }
const rounds = process.env['WECONNECT_LONG'] === '1' ? 200 : 2
const executions = 6

const slow: NodeSketch = { type: 'test.slow' }
const pause: NodeSketch = { type: 'n8n-nodes-base.wait', version: 1.1, parameters: { resume: 'timeInterval', amount: 6, unit: 'seconds' } }

/** A folder with a workflow that is published, and nothing else. */
const prepare = async (flowControl: JsonObject, nodes: Readonly<Record<string, NodeSketch>>) => {
  const fixture = await openEngineFixture({ nodes: [slowNode] })
  const names = ['Start', ...Object.keys(nodes)]
  const edges = names.slice(1).map((name, index) => `${names[index]} -> ${name}`)
  const file = workflowFile('limited', { Start: manual, ...nodes }, edges, { executionOrder: 'v1', flowControl })
  const [{ workflowId } = { workflowId: '' }] = await fixture.workflows.importWorkflows(file, fixture.context)
  await fixture.workflows.handle({ type: 'PublishWorkflow', workflowId, organisationId: fixture.context.organisationId }, fixture.context)
  const { workflow } = await fixture.workflows.load(workflowId, fixture.context.organisationId)
  await fixture.stop()
  return { folder: fixture.folder, workflowId, revision: workflow.versions.get(1)?.revision ?? -1 }
}

interface Taken {
  readonly n: number
  readonly executionId: string
}

/** Runs a process until it is dead. @returns what it had said was taken */
const crash = async (order: SlotCrashOrder): Promise<readonly Taken[]> =>
  (await killed('slot-crash-process.ts', order)).map((line) => JSON.parse(line) as Taken)

/** Another process takes over: everything that was taken ends, and the slots add up. */
const recover = async (folder: string, taken: readonly Taken[], most: number, cancels: boolean): Promise<readonly number[]> => {
  const fixture = await openEngineFixture({ folder, nodes: [slowNode] })
  try {
    const idsOf = async () => {
      const events = await fixture.journal.readAll({ limit: 100_000 })
      return [...new Set(events.filter(({ stream }) => familyOf(stream) === 'execution').map(({ stream }) => idOf(stream)))]
    }
    const missing = async () => {
      const there = new Set(await idsOf())
      return taken.filter(({ executionId }) => !there.has(executionId))
    }
    await expect.poll(missing, patience).toEqual([])
    const views = async () => Promise.all((await idsOf()).map((id) => fixture.executions.view(id, fixture.context.organisationId)))
    await expect
      .poll(
        async () => (await views()).map(({ status }) => status).filter((status) => status !== 'completed' && status !== 'cancelled'),
        patience,
      )
      .toEqual([])
    if (!cancels) expect((await views()).map(({ status }) => status)).not.toContain('cancelled')
    await expect.poll(async () => [...(await recountSlots(fixture.journal)).held.values()].flat(), patience).toEqual([])
    const count = await recountSlots(fixture.journal)
    expect(count.problems).toEqual([])
    expect([...count.waiting.values()].flat()).toEqual([])
    for (const holders of count.most.values()) expect(holders).toBeLessThanOrEqual(most)
    await expect.poll(async () => (await fixture.store.openWork()).map(({ stream }) => stream), patience).toEqual([])
    const inputs = await Promise.all((await views()).map(async (view) => (await view.input())[0] ?? []))
    return inputs.flat().map(({ json }) => Number(json['n']))
  } finally {
    await fixture.close()
  }
}

const limit = { concurrency: { limit: 2 } }
const working = { Work: slow }
const pausing = { Wait: pause, Work: slow }

test.each([
  ['before a grant', { when: 'before', type: 'SlotGranted' }, working, false],
  ['between the grant and the start', { when: 'after', type: 'SlotGranted' }, working, false],
  ['between the request and its turn', { when: 'after', type: 'ExecutionRequested' }, working, false],
  ['before somebody waits', { when: 'before', type: 'SlotQueued' }, working, false],
  ['between somebody waiting and the request', { when: 'after', type: 'SlotQueued' }, working, false],
  ['between the end and the release', { when: 'after', type: 'ExecutionCompleted' }, working, false],
  ['before the release', { when: 'before', type: 'SlotReleased' }, working, false],
  ['after the release', { when: 'after', type: 'SlotReleased' }, working, false],
  ['when it begins to wait', { when: 'after', type: 'ExecutionPaused' }, pausing, false],
  ['when a cancel is asked for', { when: 'after', type: 'CancellationRequested' }, working, true],
  ['between a cancel and the release', { when: 'after', type: 'ExecutionCancelled' }, working, true],
] as const)('killed %s: never too many, nothing stays held, everything taken ends', async (_, at, nodes, cancels) => {
  const many = nodes === pausing ? 1 : rounds
  for (let round = 0; round < many; round += 1) {
    const prepared = await prepare(limit, nodes)
    const taken = await crash({ ...prepared, point: { ...at, nth: 1 + (round % 3) }, executions, cancels })
    const ran = await recover(prepared.folder, taken, 2, cancels)
    expect(ran.toSorted()).toEqual([...new Set(ran)].sort())
    for (const { n } of taken) expect(ran).toContain(n)
  }
})

test.each([
  ['after an arrival', { when: 'after', type: 'ArrivalGathered', nth: 3 }],
  ['before the close', { when: 'before', type: 'GatheringClosed', nth: 1 }],
  ['between the close and its execution', { when: 'after', type: 'GatheringClosed', nth: 1 }],
  ['between the execution and the note of it', { when: 'before', type: 'GatheringBegun', nth: 1 }],
] as const)('killed %s: every arrival that was taken runs, in one batch', async (_, point) => {
  for (let round = 0; round < (rounds > 2 ? rounds : 1); round += 1) {
    const prepared = await prepare({ batch: { maxSize: 4, timeoutMs: 1_500 }, concurrency: { limit: 1 } }, working)
    const taken = await crash({ ...prepared, point, executions, cancels: false })
    const ran = await recover(prepared.folder, taken, 1, false)
    expect(ran.toSorted()).toEqual([...new Set(ran)].sort())
    for (const { n } of taken) expect(ran).toContain(n)
  }
})
