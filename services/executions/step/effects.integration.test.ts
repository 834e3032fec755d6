import type { HttpRequest, HttpResponse } from '@weconnect/contracts/http'
import type { JsonObject, JsonValue } from '@weconnect/contracts/json'
import type { NodeType, ProbeAnswer } from '@weconnect/nodes/sdk/node'
import { type EngineFixture, type FixtureOptions, openEngineFixture } from '@weconnect/testing/engine-fixture'
import { manual, type NodeSketch, setFields, workflowFile } from '@weconnect/testing/n8n-workflow'
import { testNode } from '@weconnect/testing/test-nodes'
import { afterEach, describe, expect, test } from 'vitest'
import type { IncidentAnswer } from '../face.ts'

const fixtures: EngineFixture[] = []
afterEach(async () => {
  for (const fixture of fixtures.splice(0)) await fixture.close().catch(() => undefined)
})
const open = async (options: FixtureOptions): Promise<EngineFixture> => {
  const fixture = await openEngineFixture(options)
  fixtures.push(fixture)
  return fixture
}

const answerWith = (body: JsonObject): HttpResponse => ({
  status: 200,
  statusText: 'OK',
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify(body),
  bodyEncoding: 'utf8',
  url: 'https://example.com/',
})

/** The world outside: what was asked of it. `hang`: it never answers, so that whoever asked is cut off. */
const world = () => {
  const asked: HttpRequest[] = []
  const called = Promise.withResolvers<void>()
  let hang = true
  const waiting = new Set<string>()
  return {
    asked,
    called: called.promise,
    answers: () => {
      hang = false
    },
    /** With parallel branches: until so many are on their way. */
    untilAsked: (count: number) => expect.poll(() => asked.length, { timeout: 20_000 }).toBe(count),
    keys: () => asked.map(({ headers = {} }) => headers['Idempotency-Key']),
    egress: {
      request: async (request: HttpRequest, signal?: AbortSignal): Promise<HttpResponse> => {
        asked.push(request)
        waiting.add(request.url)
        called.resolve()
        if (hang) await new Promise((_, reject) => signal?.addEventListener('abort', () => reject(new Error('cut off'))))
        return answerWith({ call: asked.length })
      },
    },
  }
}

const call = (method: string, options: JsonObject = {}, parameters: JsonObject = {}): NodeSketch => ({
  type: 'n8n-nodes-base.httpRequest',
  version: 4.2,
  parameters: {
    method,
    url: 'https://example.com/orders',
    sendBody: method !== 'GET',
    specifyBody: 'json',
    jsonBody: '={{ JSON.stringify({ at: $now.toISO(), chance: Math.random() }) }}',
    options: {},
    ...parameters,
  },
  options,
})
const after = setFields({ after: 'yes' })
const chain = (node: NodeSketch, settings?: JsonObject) =>
  workflowFile('one effect', { Start: manual, Pay: node, After: after }, ['Start -> Pay', 'Pay -> After'], settings)

interface Interrupted {
  readonly fixture: EngineFixture
  readonly executionId: string
  readonly organisationId: string
  status(): Promise<string>
  until(status: string): Promise<void>
  types(): Promise<string[]>
  resolve(answer: Omit<IncidentAnswer, 'executionId'>): Promise<unknown>
}

/** A run that is cut off while its calls are on their way, and the engine that finds it. */
const interrupted = async (
  outside: ReturnType<typeof world>,
  file: JsonObject,
  { calls = 1, nodes }: { readonly calls?: number; readonly nodes?: readonly NodeType[] } = {},
): Promise<Interrupted> => {
  const options = { egress: outside.egress, ...(nodes && { nodes }) }
  const first = await openEngineFixture(options)
  const [{ workflowId } = { workflowId: '' }] = await first.workflows.importWorkflows(file, first.context)
  const { executionId } = await first.executions.run({ workflowId }, first.context)
  await outside.untilAsked(calls)
  await first.stop()
  outside.answers()
  const fixture = await open({ ...options, folder: first.folder })
  const { organisationId } = fixture.context
  const status = async (): Promise<string> => (await fixture.executions.view(executionId, organisationId)).status
  return {
    fixture,
    executionId,
    organisationId,
    status,
    until: (wanted) => expect.poll(status, { timeout: 20_000 }).toBe(wanted),
    types: async () => (await fixture.executions.events(executionId, organisationId)).map(({ type }) => type),
    resolve: (answer) => fixture.executions.resolveIncident({ executionId, ...answer }, fixture.context),
  }
}

describe('after a crash in the middle of a call', () => {
  test.each(['GET', 'PUT', 'DELETE'])('%s is asked again: the same request, under the same key', async (method) => {
    const outside = world()
    const run = await interrupted(outside, chain(call(method)))
    await run.until('completed')
    expect(outside.asked).toHaveLength(2)
    expect(outside.asked[1]).toEqual(outside.asked[0])
    expect(outside.keys()[0] === undefined).toBe(method === 'GET')
    expect(await run.fixture.executions.replay(run.executionId, run.organisationId)).toMatchObject({ equal: true, differences: [] })
  })

  test.each(['POST', 'PATCH'])('%s is an incident, not asked again', async (method) => {
    const outside = world()
    const run = await interrupted(outside, chain(call(method)))
    await run.until('incident')
    expect(outside.asked).toHaveLength(1)
    const { incidents, steps } = await run.fixture.executions.view(run.executionId, run.organisationId)
    expect(incidents).toMatchObject([{ step: 1, nodeName: 'Pay', attempt: 1, ordinal: 0, effectKey: outside.keys()[0] }])
    expect(incidents[0]?.message).toContain(`${method} https://example.com/orders`)
    expect(steps.map(({ status }) => status)).toEqual(['completed', 'incident'])
    expect(await run.fixture.store.openWork()).toMatchObject([{ status: 'waiting' }])
    expect(run.fixture.engine.status().running).toBe(0)
  })

  test('a POST whose receivers honour the key is repeated with it', async () => {
    const outside = world()
    const run = await interrupted(outside, chain(call('POST', { afterCrash: 'repeat' })))
    await run.until('completed')
    expect(outside.asked[1]).toEqual(outside.asked[0])
    expect(new Set(outside.keys()).size).toBe(1)
  })

  test('a key of the user is sent as it is, and is as good', async () => {
    const outside = world()
    const headers = { sendHeaders: true, headerParameters: { parameters: [{ name: 'idempotency-key', value: 'order-7' }] } }
    const run = await interrupted(outside, chain(call('POST', {}, headers)))
    await run.until('completed')
    const sent = outside.asked.map(({ headers: of = {} }) =>
      Object.entries(of).filter(([name]) => name.toLowerCase() === 'idempotency-key'),
    )
    expect(sent).toEqual([[['idempotency-key', 'order-7']], [['idempotency-key', 'order-7']]])
  })

  test('a node that is told to ask always asks', async () => {
    const outside = world()
    const run = await interrupted(outside, chain(call('GET', { afterCrash: 'incident' })))
    await run.until('incident')
    expect(outside.asked).toHaveLength(1)
  })

  test('a node that goes on after errors does not go on after doubt', async () => {
    const outside = world()
    const run = await interrupted(
      outside,
      chain(call('POST', { onError: 'continueRegularOutput', retryOnFail: true, waitBetweenTries: 0 })),
    )
    await run.until('incident')
    expect(outside.asked).toHaveLength(1)
    expect(await run.types()).not.toContain('StepFailed')
  })

  test('keys differ from item to item and do not depend on which call came first', async () => {
    const outside = world()
    outside.answers()
    const fixture = await open({ egress: outside.egress })
    const [{ workflowId } = { workflowId: '' }] = await fixture.workflows.importWorkflows(chain(call('POST')), fixture.context)
    const input = [{ json: { n: 1 } }, { json: { n: 2 } }, { json: { n: 3 } }]
    const { executionId } = await fixture.executions.run({ workflowId, input }, fixture.context)
    await fixture.engine.endOf(executionId, AbortSignal.timeout(20_000))
    expect(new Set(outside.keys()).size).toBe(3)
    expect(outside.asked.map(({ item }) => item)).toEqual([0, 1, 2])
  })
})

describe('a person resolves an incident', () => {
  const held = async (file = chain(call('POST'))) => {
    const outside = world()
    const run = await interrupted(outside, file)
    await run.until('incident')
    return { outside, run }
  }

  test('retry: it is asked again, under a new key', async () => {
    const { outside, run } = await held()
    await run.resolve({ step: 1, resolution: 'retry', reason: 'not in their books' })
    await run.until('completed')
    expect(outside.asked).toHaveLength(2)
    expect(new Set(outside.keys()).size).toBe(2)
    const { incidents } = await run.fixture.executions.view(run.executionId, run.organisationId)
    expect(incidents).toMatchObject([{ resolution: 'retry', resolvedBy: 'user:test', reason: 'not in their books' }])
    expect(await run.fixture.executions.replay(run.executionId, run.organisationId)).toMatchObject({ equal: true, differences: [] })
    expect(await run.fixture.store.openWork()).toEqual([])
  })

  test('skip: the given output stands for that of the step', async () => {
    const { outside, run } = await held()
    await run.resolve({ step: 1, resolution: 'skip', outputs: [[{ json: { receipt: 7 } }]] })
    await run.until('completed')
    expect(outside.asked).toHaveLength(1)
    const view = await run.fixture.executions.view(run.executionId, run.organisationId)
    expect((await view.output())[0]?.map(({ json }) => json)).toEqual([{ receipt: 7, after: 'yes' }])
    expect(await run.fixture.executions.replay(run.executionId, run.organisationId)).toMatchObject({ equal: true, differences: [] })
  })

  test('fail: the execution has failed', async () => {
    const { outside, run } = await held()
    await run.resolve({ step: 1, resolution: 'fail' })
    await run.until('failed')
    expect(outside.asked).toHaveLength(1)
    expect(await run.fixture.executions.replay(run.executionId, run.organisationId)).toMatchObject({ equal: true, differences: [] })
  })

  test('cancel: the execution ends, and the incident can no longer be resolved', async () => {
    const { run } = await held()
    await run.fixture.executions.cancel(run.executionId, undefined, run.fixture.context)
    await run.until('cancelled')
    await expect(run.resolve({ step: 1, resolution: 'retry' })).rejects.toMatchObject({ code: 'INVALID_STATE' })
  })

  test('a restart leaves it as it is', async () => {
    const { outside, run } = await held()
    await run.fixture.stop()
    const again = await open({ egress: outside.egress, folder: run.fixture.folder })
    expect((await again.executions.view(run.executionId, run.organisationId)).status).toBe('incident')
    await again.executions.resolveIncident({ executionId: run.executionId, step: 1, resolution: 'retry' }, again.context)
    const { state } = await again.engine.endOf(run.executionId, AbortSignal.timeout(20_000))
    expect(state.status).toBe('completed')
  })

  test('of another organisation it is not found', async () => {
    const { run } = await held()
    const stranger = { ...run.fixture.context, organisationId: '5c0b2f5e-0000-4000-8000-000000000002' }
    const answer = { executionId: run.executionId, step: 1, resolution: 'retry' } as const
    await expect(run.fixture.executions.resolveIncident(answer, stranger)).rejects.toMatchObject({ code: 'NOT_FOUND' })
  })

  test('the time for which nobody decided is not counted by the limit of the execution', async () => {
    const { run } = await held(chain(call('POST'), { executionOrder: 'v1', executionTimeout: 2 }))
    const [since] = (await run.fixture.executions.view(run.executionId, run.organisationId)).incidents
    await expect.poll(() => Date.now() - Date.parse(since?.raisedAt ?? ''), { timeout: 20_000 }).toBeGreaterThan(2_500)
    await run.resolve({ step: 1, resolution: 'retry' })
    await run.until('completed')
  })

  test('two branches in doubt are two incidents; the execution goes on when both are resolved', async () => {
    const outside = world()
    const nodes = { Start: manual, Left: call('POST'), Right: call('POST') }
    const file = workflowFile('two', nodes, ['Start -> Left', 'Start -> Right'], { executionOrder: 'parallel' })
    const run = await interrupted(outside, file, { calls: 2 })
    const incidents = async () => (await run.fixture.executions.view(run.executionId, run.organisationId)).incidents
    await expect.poll(async () => (await incidents()).length, { timeout: 20_000 }).toBe(2)
    const [left, right] = await incidents()
    await run.resolve({ step: left!.step, resolution: 'retry' })
    expect(await run.status()).toBe('incident')
    await run.resolve({ step: right!.step, resolution: 'skip', outputs: [[]] })
    await run.until('completed')
    expect(outside.asked).toHaveLength(3)
  })
})

describe('a node type with a probe', () => {
  const probing = (answer: ProbeAnswer | Error, seen: JsonValue[] = []): NodeType => ({
    ...testNode('test.probing', 'external', async (context) => {
      const { body } = await context.http({ method: 'POST', url: 'https://example.com/orders' })
      return [[{ json: { made: body } }]]
    }),
    probe: async (context) => {
      seen.push(context.executionId)
      await context.http({ method: 'GET', url: 'https://example.com/orders/by-key' })
      if (answer instanceof Error) throw answer
      return answer
    },
  })
  const file = chain({ type: 'test.probing' })

  test('done: what it found is the output, and nothing is repeated', async () => {
    const outside = world()
    const seen: JsonValue[] = []
    const run = await interrupted(outside, file, { nodes: [probing({ effect: 'done', outputs: [[{ json: { found: 1 } }]] }, seen)] })
    await run.until('completed')
    expect(outside.asked.map(({ method }) => method)).toEqual(['POST', 'GET'])
    const view = await run.fixture.executions.view(run.executionId, run.organisationId)
    expect((await view.output())[0]?.[0]?.json).toEqual({ found: 1, after: 'yes' })
    expect(seen).toHaveLength(1)
    expect(await run.fixture.executions.replay(run.executionId, run.organisationId)).toMatchObject({ equal: true, differences: [] })
    expect(seen).toHaveLength(1)
  })

  test('not done: it is done, under the same key', async () => {
    const outside = world()
    const run = await interrupted(outside, file, { nodes: [probing({ effect: 'notDone' })] })
    await run.until('completed')
    expect(outside.asked.map(({ method }) => method)).toEqual(['POST', 'GET', 'POST'])
    expect(outside.keys()[2]).toBe(outside.keys()[0])
  })

  test.each([{ effect: 'unknown' } as const, new Error('the service is down')])('%j: an incident', async (answer) => {
    const outside = world()
    const run = await interrupted(outside, file, { nodes: [probing(answer)] })
    await run.until('incident')
    expect(outside.asked.map(({ method }) => method)).toEqual(['POST', 'GET'])
  })

  test('a probe cannot change anything', async () => {
    const outside = world()
    const changing: NodeType = {
      ...probing({ effect: 'notDone' }),
      probe: async (context) => {
        await context.http({ method: 'PUT', url: 'https://example.com/orders' })
        return { effect: 'notDone' }
      },
    }
    const run = await interrupted(outside, file, { nodes: [changing] })
    await run.until('incident')
    expect(outside.asked.map(({ method }) => method)).toEqual(['POST'])
  })
})

test('a step that must not be cut off may end when the engine closes in peace', async () => {
  const outside = world()
  const release = Promise.withResolvers<void>()
  const egress = {
    request: async (request: HttpRequest) => {
      outside.asked.push(request)
      await release.promise
      return answerWith({})
    },
  }
  const first = await openEngineFixture({ egress, drainMs: 20_000 })
  const [{ workflowId } = { workflowId: '' }] = await first.workflows.importWorkflows(chain(call('POST')), first.context)
  const { executionId } = await first.executions.run({ workflowId }, first.context)
  await outside.untilAsked(1)
  const stopping = first.stop()
  release.resolve()
  await stopping
  const fixture = await open({ egress, folder: first.folder })
  expect((await fixture.engine.endOf(executionId, AbortSignal.timeout(20_000))).state.status).toBe('completed')
  expect(outside.asked).toHaveLength(1)
})
