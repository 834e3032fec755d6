import { randomUUID } from 'node:crypto'
import { defaultOrganisationId } from '@weconnect/admin/admin'
import { startTestInstance, type TestInstance } from '@weconnect/testing/gateway-fixture'
import { recountSlots } from '@weconnect/testing/recount-slots'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'

vi.setConfig({ testTimeout: 120_000 })
const patience = { timeout: 60_000 }

let instance: TestInstance
beforeAll(async () => {
  instance = await startTestInstance()
}, 120_000)
afterAll(async () => {
  expect((await recountSlots(instance.journal)).problems).toEqual([])
  await instance.close()
})

const ours = () => ({ ...instance.context, organisationId: defaultOrganisationId })

interface Live {
  readonly path: string
  readonly workflowId: string
}

/** An active workflow with a webhook, and what it declares. `waits`: it waits for a call behind the webhook. */
const live = async (flowControl: object, { responseMode = 'onReceived', waits = false } = {}): Promise<Live> => {
  const path = `flow-${randomUUID()}`
  const at = { typeVersion: 2, position: [0, 0] }
  const nodes = [
    { id: 'a', name: 'Hook', type: 'n8n-nodes-base.webhook', ...at, parameters: { path, httpMethod: 'POST', responseMode } },
    waits
      ? { id: 'b', name: 'Next', type: 'n8n-nodes-base.wait', ...at, typeVersion: 1.1, parameters: { resume: 'webhook' } }
      : { id: 'b', name: 'Next', type: 'n8n-nodes-base.noOp', ...at, typeVersion: 1, parameters: {} },
  ]
  const file = {
    name: path,
    nodes,
    connections: { Hook: { main: [[{ node: 'Next', type: 'main', index: 0 }]] } },
    settings: { executionOrder: 'v1', flowControl },
  }
  const [{ workflowId } = { workflowId: '' }] = await instance.workflows.importWorkflows(file as never, ours())
  const { errors } = await instance.graphql('mutation ($id: ID!) { activateWorkflow(workflowId: $id) { version } }', { id: workflowId })
  expect(errors).toEqual([])
  return { path, workflowId }
}

interface Called {
  readonly status: number
  readonly retryAfter: string | null
  // biome-ignore lint/suspicious/noExplicitAny: answers are looked into, not trusted
  readonly body: any
}
const call = async ({ path }: Live, body: object, headers: Record<string, string> = {}): Promise<Called> => {
  const response = await fetch(`${instance.url}/webhook/${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  })
  return { status: response.status, retryAfter: response.headers.get('retry-after'), body: await response.json() }
}
const statusOf = async (executionId: string): Promise<string> =>
  (await instance.executions.view(executionId, defaultOrganisationId).catch(() => ({ status: 'absent' }))).status
const explained = async (id: string) => {
  const { data, errors } = await instance.graphql('query ($id: ID!) { explainExecution(id: $id) { kind message until heldBy ahead } }', {
    id,
  })
  expect(errors).toEqual([])
  return data.explainExecution
}
const inputOf = async (executionId: string): Promise<unknown[]> => {
  const input = await (await instance.executions.view(executionId, defaultOrganisationId)).input()
  return (input[0] ?? []).map(({ json }) => json['body'])
}

test('a full queue answers 429 with Retry-After, and nothing of the request is kept', async () => {
  const hook = await live({ concurrency: { limit: 1, queue: 1, whileWaiting: 'hold' } }, { waits: true })
  const first = await call(hook, { n: 1 })
  await expect.poll(() => statusOf(first.body.executionId), patience).toBe('waiting')
  const second = await call(hook, { n: 2 })
  expect(second.status).toBe(200)
  const third = await call(hook, { n: 3 })
  expect(third).toMatchObject({ status: 429, body: { error: { code: 'QUEUE_FULL' } } })
  expect(Number(third.retryAfter)).toBeGreaterThanOrEqual(1)
  expect(await explained(second.body.executionId)).toMatchObject({
    kind: 'waitingForSlot',
    heldBy: [first.body.executionId],
    ahead: 0,
    message: `It waits for a slot of its workflow (1 at a time): held by ${first.body.executionId}.`,
  })
  await instance.executions.resume(first.body.executionId, [{ json: {} }], ours())
  await expect.poll(() => statusOf(second.body.executionId), patience).toBe('waiting')
  expect((await call(hook, { n: 4 })).status).toBe(200)
  for (const id of [first.body.executionId, second.body.executionId])
    if ((await statusOf(id)) === 'waiting') await instance.executions.resume(id, [{ json: {} }], ours())
})

test('a caller that waits for the answer gets it when its execution had its turn', async () => {
  const hook = await live({ concurrency: { limit: 1, key: '={{ $json.body.who }}' } }, { responseMode: 'lastNode' })
  const answers = await Promise.all(Array.from({ length: 20 }, (_, n) => call(hook, { who: `w${n % 2}`, n })))
  expect(answers.map(({ status }) => status)).toEqual(Array(20).fill(200))
  expect(answers.map(({ body }) => body.body.n)).toEqual(Array.from({ length: 20 }, (_, n) => n))
})

test('a rate that is used up answers 429 with the seconds, for its key alone', async () => {
  const hook = await live({ rateLimit: { limit: 2, periodMs: 3_600_000, key: '={{ $json.body.tenant }}' } })
  for (let n = 0; n < 2; n += 1) expect((await call(hook, { tenant: 'a' })).status).toBe(200)
  const refused = await call(hook, { tenant: 'a' })
  expect(refused).toMatchObject({ status: 429, body: { error: { code: 'RATE_LIMITED' } } })
  expect(Number(refused.retryAfter)).toBeGreaterThan(3_000)
  expect(Number(refused.retryAfter)).toBeLessThanOrEqual(3_600)
  expect((await call(hook, { tenant: 'b' })).status).toBe(200)
})

test('a delivery that is repeated counts once', async () => {
  const hook = await live({ rateLimit: { limit: 1, periodMs: 3_600_000 } })
  const headers = { 'x-delivery-id': randomUUID() }
  const first = await call(hook, {}, headers)
  expect(await call(hook, {}, headers)).toMatchObject({ status: 200, body: { executionId: first.body.executionId } })
  expect((await call(hook, {})).status).toBe(429)
})

test('throttled: executions begin one after the other, and explain says until when', async () => {
  const hook = await live({ throttle: { limit: 1, periodMs: 4_000 } })
  const first = await call(hook, { n: 1 })
  const second = await call(hook, { n: 2 })
  const wait = await explained(second.body.executionId)
  expect(wait.kind).toBe('throttled')
  expect(wait.message).toContain(`It is throttled until ${wait.until}`)
  await expect.poll(() => statusOf(second.body.executionId), patience).toBe('completed')
  const startOf = async (id: string): Promise<number> =>
    Date.parse((await instance.executions.view(id, defaultOrganisationId)).startedAt ?? '')
  expect((await startOf(second.body.executionId)) - (await startOf(first.body.executionId))).toBeGreaterThanOrEqual(3_900)
})

test('a singleton skips what comes while it has not ended, also while it waits', async () => {
  const hook = await live({ singleton: { mode: 'skip', key: '={{ $json.body.order }}' } }, { waits: true })
  const first = await call(hook, { order: 1 })
  await expect.poll(() => statusOf(first.body.executionId), patience).toBe('waiting')
  expect(await call(hook, { order: 1 })).toMatchObject({ status: 200, body: { code: 'EXECUTION_SKIPPED' } })
  expect((await call(hook, { order: 2 })).body.executionId).toBeDefined()
  await instance.executions.resume(first.body.executionId, [{ json: {} }], ours())
  await expect.poll(() => statusOf(first.body.executionId), patience).toBe('completed')
  await expect.poll(async () => (await call(hook, { order: 1 })).body.executionId, patience).toBeDefined()
})

test('a singleton that cancels: the newest takes the place of what is there', async () => {
  const hook = await live({ singleton: { mode: 'cancel' } }, { waits: true })
  const first = await call(hook, { n: 1 })
  await expect.poll(() => statusOf(first.body.executionId), patience).toBe('waiting')
  const [second, third] = [await call(hook, { n: 2 }), await call(hook, { n: 3 })]
  await expect.poll(() => statusOf(first.body.executionId), patience).toBe('cancelled')
  await expect.poll(() => statusOf(second.body.executionId), patience).toBe('cancelled')
  await expect.poll(() => statusOf(third.body.executionId), patience).toBe('waiting')
})

test('debounced: all callers are told of one execution, which runs with the newest when nothing came for a while', async () => {
  const hook = await live({ debounce: { periodMs: 3_000, key: '={{ $json.body.doc }}' } }, { responseMode: 'lastNode' })
  const calls = [await call(hook, { doc: 1, n: 1 }), await call(hook, { doc: 1, n: 2 }), await call(hook, { doc: 1, n: 3 })]
  const other = await call(hook, { doc: 2, n: 9 })
  const id = calls[0]?.body.executionId
  expect(calls.map(({ status, body }) => [status, body.executionId])).toEqual(Array(3).fill([202, id]))
  expect(other.body.executionId).not.toBe(id)
  const wait = await explained(id)
  expect(wait).toMatchObject({ kind: 'debounced', message: `It is debounced until ${wait.until}: 3 arrivals so far; the newest runs.` })
  await expect.poll(() => statusOf(id), patience).toBe('completed')
  expect(await inputOf(id)).toEqual([{ doc: 1, n: 3 }])
  await expect.poll(() => statusOf(other.body.executionId), patience).toBe('completed')
  expect((await call(hook, { doc: 1, n: 4 })).body.executionId).not.toBe(id)
})

test('debounced for ever is not: after the longest wait it runs', async () => {
  const hook = await live({ debounce: { periodMs: 60_000, maxWaitMs: 2_000 } })
  const { body } = await call(hook, { n: 1 })
  await expect.poll(() => statusOf(body.executionId), patience).toBe('completed')
})

test('a batch runs when it is full, once, with every item in order; a repeated delivery is no second item', async () => {
  const hook = await live({ batch: { maxSize: 3, timeoutMs: 60_000 } })
  const headers = { 'x-delivery-id': randomUUID() }
  const first = await call(hook, { n: 1 }, headers)
  const id = first.body.executionId
  expect(first.body).toEqual({ message: 'Workflow was started', executionId: id })
  expect(await explained(id)).toMatchObject({ kind: 'batched' })
  expect((await call(hook, { n: 1 }, headers)).body.executionId).toBe(id)
  await call(hook, { n: 2 })
  await call(hook, { n: 3 })
  await expect.poll(() => statusOf(id), patience).toBe('completed')
  expect(await inputOf(id)).toEqual([{ n: 1 }, { n: 2 }, { n: 3 }])
  expect((await call(hook, { n: 1 }, headers)).body.executionId).toBe(id)
})

test('a batch that does not fill up runs when its time has come; many callers at once are all in one', async () => {
  const hook = await live({ batch: { maxSize: 25, timeoutMs: 2_500 } })
  const calls = await Promise.all(Array.from({ length: 60 }, (_, n) => call(hook, { n })))
  expect(calls.map(({ status }) => status)).toEqual(Array(60).fill(200))
  const ids = [...new Set(calls.map(({ body }) => body.executionId))]
  expect(ids).toHaveLength(3)
  for (const id of ids) await expect.poll(() => statusOf(id), patience).toBe('completed')
  const sizes = await Promise.all(ids.map(async (id) => (await inputOf(id)).length))
  expect(sizes.toSorted((a, b) => a - b)).toEqual([10, 25, 25])
})

test('settings are edited apart from the others, refused with the place of what is wrong, and kept by export and import', async () => {
  const { workflowId } = await live({ concurrency: { limit: 2 } })
  const change = (flowControl: unknown) =>
    instance.graphql(
      'mutation ($id: ID!, $flowControl: JSON) { changeFlowControl(workflowId: $id, flowControl: $flowControl) { workflow { settings } } }',
      { id: workflowId, flowControl },
    )
  const refused = await change({ throttle: { limit: 0, periodMs: 10 } })
  expect(refused.errors[0]?.extensions).toMatchObject({
    code: 'INVALID_INPUT',
    problems: [{ path: '$.settings.flowControl.throttle.limit' }],
  })
  const flowControl = { throttle: { limit: 1, periodMs: 10 }, priority: 1 }
  expect((await change(flowControl)).data.changeFlowControl.workflow.settings).toEqual({ executionOrder: 'v1', flowControl })
  const exported = await instance.workflows.exportWorkflow(workflowId, defaultOrganisationId)
  expect(exported).toMatchObject({ settings: { executionOrder: 'v1', flowControl } })
  const [again] = await instance.workflows.importWorkflows(exported as never, ours())
  expect((await instance.workflows.load(again?.workflowId ?? '', defaultOrganisationId)).workflow.settings).toEqual({
    executionOrder: 'v1',
    flowControl,
  })
  expect((await change(null)).data.changeFlowControl.workflow.settings).toEqual({ executionOrder: 'v1' })
})

test('an imported declaration that is wrong is found at the publish', async () => {
  const { errors } = await instance
    .graphql('mutation ($json: JSON!) { importWorkflow(json: $json) { workflows { workflow { id } } } }', {
      json: {
        name: 'wrong',
        nodes: [{ id: 'a', name: 'Start', type: 'n8n-nodes-base.manualTrigger', typeVersion: 1, position: [0, 0], parameters: {} }],
        connections: {},
        settings: { flowControl: { concurrency: { limit: 1, key: '={{ $json. }}' } } },
      },
    })
    .then(({ data }) =>
      instance.graphql('mutation ($id: ID!) { publishWorkflow(workflowId: $id) { version } }', {
        id: data.importWorkflow.workflows[0].workflow.id,
      }),
    )
  expect(errors[0]?.extensions).toMatchObject({ problems: [{ path: '$.settings.flowControl.concurrency[0].key' }] })
})
