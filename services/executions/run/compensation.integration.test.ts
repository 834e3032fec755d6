import { WeConnectError } from '@weconnect/contracts/errors'
import type { JsonObject } from '@weconnect/contracts/json'
import type { EventStore } from '@weconnect/eventstore/port'
import { type EngineFixture, type FixtureOptions, openEngineFixture } from '@weconnect/testing/engine-fixture'
import { manual, noOp, workflowFile } from '@weconnect/testing/n8n-workflow'
import { testNode } from '@weconnect/testing/test-nodes'
import { afterEach, beforeEach, expect, test } from 'vitest'

let fixture: EngineFixture
/** What was done outside, in order. */
let done: string[]
let gate = Promise.withResolvers<void>()
/** Names of nodes, and how often they fail. */
let failing: Map<string, number>

const act = testNode('test.act', 'external', async (context) => {
  const { name } = context.node
  if (name.startsWith('Slow')) await gate.promise
  const left = failing.get(name) ?? 0
  if (left > 0) {
    failing.set(name, left - 1)
    throw new Error(`${name} is down`)
  }
  for (const item of await context.items()) done.push(`${name} ${item.json['n']}`)
  return [(await context.items()).map((item, index) => ({ json: { ...item.json, by: name }, pairedItem: { item: index } }))]
})
const open = async (options: FixtureOptions = {}) => openEngineFixture({ nodes: [act], ...options })
beforeEach(async () => {
  ;[done, failing, gate] = [[], new Map(), Promise.withResolvers()]
  fixture = await open()
})
afterEach(async () => {
  gate.resolve()
  await fixture.close()
})

const node = (options?: JsonObject) => ({ type: 'test.act', ...(options && { options }) })
const saga = (last: string, settings?: JsonObject) =>
  workflowFile(
    'saga',
    {
      Start: manual,
      Book: node({ compensation: 'Unbook' }),
      Pay: node({ compensation: 'Refund' }),
      Note: node(),
      [last]: node(),
      Unbook: node(),
      Refund: node(),
    },
    ['Start -> Book', 'Book -> Pay', 'Pay -> Note', `Note -> ${last}`],
    settings,
  )
const begin = async (file: JsonObject, n: readonly number[] = [1]): Promise<string> => {
  const [report] = await fixture.workflows.importWorkflows(file, fixture.context)
  const input = n.map((each) => ({ json: { n: each } }))
  return (await fixture.executions.run({ workflowId: report!.workflowId, input }, fixture.context)).executionId
}
const view = (id: string) => fixture.executions.view(id, fixture.context.organisationId)
const becomes = (id: string, status: string) => expect.poll(async () => (await view(id)).status, { timeout: 60_000 }).toBe(status)
const ended = async (id: string) => (await fixture.engine.endOf(id, AbortSignal.timeout(60_000))).state
const restart = async () => {
  const { folder } = fixture
  await fixture.stop()
  fixture = await open({ folder })
}
const replayed = (id: string) => fixture.executions.replay(id, fixture.context.organisationId)

test.each(['v1', 'parallel'])(
  '%s: when it fails, what its steps did is undone, the last first, with their items',
  async (executionOrder) => {
    failing.set('Ship', 1)
    const id = await begin(saga('Ship', { executionOrder }), [1, 2])
    const state = await ended(id)
    expect(state).toMatchObject({ status: 'failed', errorCode: 'INTERNAL', compensation: { cause: 'failed', nodeName: 'Ship' } })
    expect(done).toEqual(['Book 1', 'Book 2', 'Pay 1', 'Pay 2', 'Note 1', 'Note 2', 'Refund 1', 'Refund 2', 'Unbook 1', 'Unbook 2'])
    const { steps } = await view(id)
    const refund = steps.find(({ nodeName }) => nodeName === 'Refund')!
    expect((await refund.input())[0]!.map(({ json }) => json)).toMatchObject([
      { n: 1, by: 'Pay' },
      { n: 2, by: 'Pay' },
    ])
    expect((await refund.output())[0]).toHaveLength(2)
    failing.set('Ship', 1)
    expect(await replayed(id)).toMatchObject({ equal: true, foldEqual: true, differences: [] })
  },
)

test('what did not happen is not undone, and an execution that ends well undoes nothing', async () => {
  failing.set('Pay', 1)
  await ended(await begin(saga('Ship')))
  expect(done).toEqual(['Book 1', 'Unbook 1'])
  done.length = 0
  expect((await ended(await begin(saga('Ship')))).status).toBe('completed')
  expect(done).toEqual(['Book 1', 'Pay 1', 'Note 1', 'Ship 1'])
})

test('every run of a loop is undone', async () => {
  const file = workflowFile(
    'loop',
    {
      Start: manual,
      Split: { type: 'n8n-nodes-base.splitInBatches', version: 3, parameters: { batchSize: 1, options: {} } },
      Pay: node({ compensation: 'Refund' }),
      Ship: node(),
      Refund: node(),
    },
    ['Start -> Split', 'Split:1 -> Pay', 'Pay -> Split', 'Split -> Ship'],
  )
  failing.set('Ship', 1)
  await ended(await begin(file, [1, 2, 3]))
  expect(done).toEqual(['Pay 1', 'Pay 2', 'Pay 3', 'Refund 3', 'Refund 2', 'Refund 1'])
})

test('cancelled: a step that can be undone may end, and is undone as well; a second cancellation changes nothing', async () => {
  const file = workflowFile(
    'cancelled',
    {
      Start: manual,
      Book: node({ compensation: 'Unbook' }),
      Slow: node({ compensation: 'Unslow' }),
      After: noOp,
      Unbook: node(),
      Unslow: node(),
    },
    ['Start -> Book', 'Book -> Slow', 'Slow -> After'],
  )
  const id = await begin(file)
  await expect.poll(async () => (await view(id)).steps.length, { timeout: 60_000 }).toBe(3)
  await fixture.executions.cancel(id, undefined, fixture.context)
  await fixture.executions.cancel(id, undefined, fixture.context)
  gate.resolve()
  expect(await ended(id)).toMatchObject({ status: 'cancelled', compensation: { cause: 'cancelled' } })
  expect(done).toEqual(['Book 1', 'Slow 1', 'Unslow 1', 'Unbook 1'])
  expect(await replayed(id)).toMatchObject({ equal: true, foldEqual: true, differences: [] })
})

test('cancelled while it waits, also by the next process: undone', async () => {
  const wait = { type: 'n8n-nodes-base.wait', version: 1.1, parameters: { amount: 1, unit: 'days' } }
  const file = workflowFile('waits', { Start: manual, Book: node({ compensation: 'Unbook' }), Wait: wait, Unbook: node() }, [
    'Start -> Book',
    'Book -> Wait',
  ])
  const id = await begin(file)
  await becomes(id, 'waiting')
  await fixture.engine.close()
  await fixture.executions.cancel(id, undefined, fixture.context)
  await restart()
  expect((await ended(id)).status).toBe('cancelled')
  expect(done).toEqual(['Book 1', 'Unbook 1'])
  expect(await replayed(id)).toMatchObject({ equal: true, foldEqual: true, differences: [] })
})

test('what was in doubt, and is settled only while others are undone, is undone next; so it is replayed', async () => {
  const file = workflowFile(
    'doubt',
    {
      Start: manual,
      Book: node({ compensation: 'Slow unbook' }),
      'Slow pay': node({ compensation: 'Refund', afterCrash: 'incident' }),
      'Slow unbook': node(),
      Refund: node(),
    },
    ['Start -> Book', 'Book -> Slow pay'],
  )
  const id = await begin(file)
  await expect.poll(async () => (await view(id)).steps.length, { timeout: 60_000 }).toBe(3)
  await restart()
  await becomes(id, 'incident')
  await fixture.executions.cancel(id, undefined, fixture.context)
  await expect.poll(async () => (await view(id)).steps.at(-1)?.nodeName, { timeout: 60_000 }).toBe('Slow unbook')
  const paid = [[{ json: { n: 1 } }]]
  await fixture.executions.resolveIncident({ executionId: id, step: 2, resolution: 'skip', outputs: paid }, fixture.context)
  gate.resolve()
  expect((await ended(id)).status).toBe('cancelled')
  const undone = (await view(id)).steps.slice(3).map(({ nodeName, status }) => [nodeName, status])
  expect(undone).toEqual([
    ['Slow unbook', 'completed'],
    ['Refund', 'completed'],
  ])
  expect(await replayed(id)).toMatchObject({ equal: true, foldEqual: true, differences: [] })
})

test('a compensation is tried again as its node says; when it fails for good a person decides, also after a restart', async () => {
  failing.set('Ship', 1).set('Refund', 2).set('Unbook', 1)
  const file = workflowFile(
    'saga',
    {
      Start: manual,
      Book: node({ compensation: 'Unbook' }),
      Pay: node({ compensation: 'Refund' }),
      Ship: node(),
      Unbook: node(),
      Refund: node({ retry: { attempts: 2, backoff: 'fixed', delayMs: 1 } }),
    },
    ['Start -> Book', 'Book -> Pay', 'Pay -> Ship'],
  )
  const id = await begin(file)
  await becomes(id, 'incident')
  expect((await view(id)).incidents).toMatchObject([{ nodeName: 'Refund', message: expect.any(String) }])
  await expect(fixture.executions.cancel(id, undefined, fixture.context)).rejects.toMatchObject({ code: 'INVALID_STATE' })
  await restart()
  const { step } = (await view(id)).incidents[0]!
  await fixture.executions.resolveIncident({ executionId: id, step, resolution: 'retry' }, fixture.context)
  await expect.poll(async () => (await view(id)).incidents.length, { timeout: 60_000 }).toBe(2)
  const again = (await view(id)).incidents[1]!
  if (again.nodeName === 'Refund') throw new Error('the refund should have passed')
  await fixture.executions.resolveIncident({ executionId: id, step: again.step, resolution: 'fail', reason: 'by hand' }, fixture.context)
  expect((await ended(id)).status).toBe('failed')
  expect(done).toEqual(['Book 1', 'Pay 1', 'Refund 1'])
})

test('killed as soon as it is known that a compensation failed: a person decides, and nothing is done again', async () => {
  await fixture.close()
  let isFull = false
  const full = (store: EventStore): EventStore => ({
    ...store,
    append: async (stream, expected, events) => {
      if (isFull) throw new WeConnectError('DISK_FULL', 'full')
      const appended = await store.append(stream, expected, events)
      isFull = events.some(({ type, data }) => type === 'StepFailed' && data.includes('"Refund"'))
      return appended
    },
  })
  fixture = await open({ store: full })
  failing.set('Ship', 1).set('Refund', 1)
  const id = await begin(saga('Ship'))
  await expect.poll(() => isFull, { timeout: 60_000 }).toBe(true)
  await restart()
  await becomes(id, 'incident')
  expect((await view(id)).incidents).toMatchObject([{ nodeName: 'Refund' }])
  expect(done).toEqual(['Book 1', 'Pay 1', 'Note 1'])
})

test('a pause by hand holds it between two compensations', async () => {
  failing.set('Ship', 1)
  const file = workflowFile(
    'saga',
    {
      Start: manual,
      Book: node({ compensation: 'Unbook' }),
      Pay: node({ compensation: 'Slow refund' }),
      Ship: node(),
      Unbook: node(),
      'Slow refund': node(),
    },
    ['Start -> Book', 'Book -> Pay', 'Pay -> Ship'],
  )
  const id = await begin(file)
  await expect.poll(async () => (await view(id)).steps.at(-1)?.nodeName, { timeout: 60_000 }).toBe('Slow refund')
  expect(await fixture.executions.explain(id, fixture.context.organisationId)).toMatchObject({ kind: 'compensating' })
  await fixture.executions.pause(id, undefined, fixture.context)
  gate.resolve()
  await expect.poll(() => fixture.engine.status().running, { timeout: 60_000 }).toBe(0)
  expect(await view(id)).toMatchObject({ status: 'paused' })
  expect(done).not.toContain('Unbook 1')
  await fixture.executions.resume(id, undefined, fixture.context)
  expect((await ended(id)).status).toBe('failed')
  expect(done.slice(-2)).toEqual(['Slow refund 1', 'Unbook 1'])
})

test('a version whose compensation is missing, or is the node itself, is not published', async () => {
  const file = (compensation: string) =>
    workflowFile(
      'bad',
      { Hook: { type: 'n8n-nodes-base.webhook', version: 2, parameters: { path: 'bad', options: {} } }, Pay: node({ compensation }) },
      ['Hook -> Pay'],
    )
  for (const compensation of ['Nobody', 'Pay', 'Hook']) {
    const [report] = await fixture.workflows.importWorkflows(file(compensation), fixture.context)
    const { workflow } = await fixture.workflows.load(report!.workflowId, fixture.context.organisationId)
    expect(fixture.workflows.problems(workflow)).toMatchObject([{ code: 'WORKFLOW_INVALID', node: 'Pay' }])
  }
})
