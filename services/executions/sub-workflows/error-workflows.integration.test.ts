import { randomUUID } from 'node:crypto'
import type { Context, DomainEvent } from '@weconnect/contracts/envelope'
import { WeConnectError } from '@weconnect/contracts/errors'
import type { JsonObject } from '@weconnect/contracts/json'
import { noStream } from '@weconnect/eventstore/journal'
import type { NodeType } from '@weconnect/nodes/sdk/node'
import { type EngineFixture, openEngineFixture } from '@weconnect/testing/engine-fixture'
import { manual, workflowFile } from '@weconnect/testing/n8n-workflow'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { errorExecutionIdOf } from './error-workflows.ts'

let fixture: EngineFixture
let context: Context
beforeEach(async () => {
  fixture = await openEngineFixture({ nodes: [breaks, hangs] })
  context = { ...fixture.context, actor: 'system' }
})
afterEach(() => fixture.close())

let broken = 0
/** Fails whenever it runs. */
const breaks: NodeType = {
  definition: {
    ...{ name: 'test.breaks', displayName: 'Breaks', description: 'Fails', category: 'core', versions: [1] },
    ...{ properties: [], inputs: [{ type: 'main' }], outputs: [{ type: 'main' }], effects: 'external' },
  },
  execute: async () => {
    broken += 1
    throw new WeConnectError('NODE_FAILED', `broken ${broken}`)
  },
  validate: () => [],
}
/** Never ends by itself. */
const hangs: NodeType = {
  ...breaks,
  definition: { ...breaks.definition, name: 'test.hangs' },
  execute: ({ signal }) => new Promise((resolve) => signal.addEventListener('abort', () => resolve([[]]), { once: true })),
}
const errorTrigger = { type: 'n8n-nodes-base.errorTrigger' }
const webhook = { type: 'n8n-nodes-base.webhook', version: 2, parameters: { path: 'x', httpMethod: 'POST' } }
const imported = async (file: JsonObject): Promise<string> => (await fixture.workflows.importWorkflows(file, context))[0]!.workflowId
const handler = (settings: JsonObject = {}): Promise<string> =>
  imported(workflowFile('Handler', { 'On error': errorTrigger, Note: { type: 'n8n-nodes-base.noOp' } }, ['On error -> Note'], settings))
const failing = (settings: JsonObject): Promise<string> =>
  imported(
    workflowFile(
      'Fails',
      { Hook: webhook, Manual: manual, Broken: { type: 'test.breaks' } },
      ['Hook -> Broken', 'Manual -> Broken'],
      settings,
    ),
  )

const runOf = async (workflowId: string, actor = 'system'): Promise<string> => {
  const { executionId } = await fixture.executions.run({ workflowId }, { ...context, actor })
  await fixture.engine.endOf(executionId, AbortSignal.timeout(30_000))
  return executionId
}
const requests = async () => {
  const all = []
  for (let after: string | undefined; ; ) {
    const events = await fixture.journal.readAll({ after, limit: 500 })
    if (events.length === 0) return all
    for (const event of events) if (event.type === 'ExecutionRequested') all.push(event)
    after = events.at(-1)?.position
  }
}
const errorRuns = async () => (await requests()).map(({ data }) => data).filter(({ trigger }) => trigger === 'error')
/** Until nothing is open any more. */
const quiet = () =>
  vi.waitFor(
    async () => expect((await fixture.store.openWork()).filter(({ stream }) => stream.startsWith('execution-'))).toEqual([]),
    30_000,
  )

test('the error workflow is started once, with what n8n gives, before the failure is in the log', async () => {
  const errorWorkflow = await handler()
  const workflowId = await failing({ errorWorkflow })
  const executionId = await runOf(workflowId)
  await quiet()
  const [run, ...more] = await errorRuns()
  expect(more).toEqual([])
  expect(run).toMatchObject({ workflowId: errorWorkflow, parentExecutionId: executionId, triggerNodeId: 'node-0' })
  expect(run?.input).toEqual([
    [
      {
        json: {
          execution: {
            id: executionId,
            url: expect.stringContaining(executionId),
            error: expect.objectContaining({ message: `broken ${broken}`, stack: expect.any(String) }),
            lastNodeExecuted: 'Broken',
            mode: 'trigger',
          },
          workflow: { id: workflowId, name: 'Fails' },
        },
      },
    ],
  ])
  expect((await fixture.executions.view(run!.executionId, context.organisationId)).status).toBe('completed')
})
test('a run by hand starts none', async () => {
  const workflowId = await failing({ errorWorkflow: await handler() })
  await runOf(workflowId, 'user:someone')
  await quiet()
  expect(await errorRuns()).toEqual([])
})
test('a workflow with an Error Trigger is its own error workflow; when that fails too, it ends there', async () => {
  const workflowId = await imported(
    workflowFile(
      'Own',
      { Hook: webhook, 'On error': errorTrigger, Broken: { type: 'test.breaks' } },
      ['Hook -> Broken', 'On error -> Broken'],
      {},
    ),
  )
  await runOf(workflowId)
  await quiet()
  expect(await errorRuns()).toHaveLength(1)
})
test('error workflows that name each other do not go round', async () => {
  const breaking = (name: string) =>
    imported(workflowFile(name, { 'On error': errorTrigger, Broken: { type: 'test.breaks' } }, ['On error -> Broken'], {}))
  const [one, other] = [await breaking('One'), await breaking('Other')]
  for (const [workflowId, errorWorkflow] of [
    [one, other],
    [other, one],
  ] as const)
    await fixture.workflows.handle(
      { type: 'ChangeSettings', workflowId, organisationId: context.organisationId, settings: { errorWorkflow } },
      context,
    )
  await runOf(await failing({ errorWorkflow: one }))
  await quiet()
  expect((await errorRuns()).map(({ workflowId }) => workflowId)).toEqual([one, other])
})
test('one that is gone, or has no Error Trigger, keeps nobody from failing', async () => {
  const noTrigger = await imported(workflowFile('No trigger', { Manual: manual }, [], {}))
  for (const errorWorkflow of ['nowhere', noTrigger]) {
    const executionId = await runOf(await failing({ errorWorkflow }))
    expect((await fixture.executions.view(executionId, context.organisationId)).status).toBe('failed')
  }
  expect(fixture.problems.splice(0)).toHaveLength(2)
  expect(await errorRuns()).toEqual([])
})
test('a crash between the start of the error workflow and the failure in the log starts no second one, and keeps the error', async () => {
  const errorWorkflow = await handler()
  const failed = await runOf(await failing({ errorWorkflow }))
  await quiet()
  const message = `broken ${broken}`
  const recorded = await fixture.executions.events(failed, context.organisationId)
  const [reported] = (await requests()).filter(({ data }) => data.trigger === 'error')
  // The same execution twice more, as a process leaves it that dies before the failure is in the log: without its report, and with it.
  const [before, between] = [randomUUID(), randomUUID()]
  for (const executionId of [before, between]) {
    const events = recorded
      .slice(0, -1)
      .map(({ type, data }) => ({ type, data: 'executionId' in data ? { ...data, executionId } : data }) as DomainEvent)
    await fixture.journal.append(`execution-${executionId}`, noStream, events, context)
  }
  const errorRun = { ...reported!.data, executionId: errorExecutionIdOf(between), parentExecutionId: between }
  await fixture.journal.append(`execution-${errorRun.executionId}`, noStream, [{ type: 'ExecutionRequested', data: errorRun }], context)
  await fixture.stop()
  fixture = await openEngineFixture({ nodes: [breaks, hangs], folder: fixture.folder })
  await quiet()
  for (const executionId of [before, between]) {
    const { status, error } = await fixture.executions.view(executionId, context.organisationId)
    expect([status, error]).toEqual(['failed', expect.objectContaining({ message })])
  }
  const runs = await errorRuns()
  expect(runs.map(({ parentExecutionId }) => parentExecutionId).sort()).toEqual([failed, before, between].sort())
  expect(JSON.stringify(runs.find(({ parentExecutionId }) => parentExecutionId === before)?.input)).toContain(message)
})
test('a run that is stopped at its time limit is reported too', async () => {
  const slow = { type: 'test.hangs' }
  const settings = { errorWorkflow: await handler(), executionTimeout: 1 }
  const workflowId = await imported(workflowFile('Slow', { Hook: webhook, Slow: slow }, ['Hook -> Slow'], settings))
  const executionId = await runOf(workflowId)
  expect((await fixture.executions.view(executionId, context.organisationId)).status).toBe('timeout')
  await quiet()
  expect((await errorRuns()).map(({ parentExecutionId }) => parentExecutionId)).toEqual([executionId])
})
