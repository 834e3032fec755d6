import type { Context } from '@weconnect/contracts/envelope'
import type { JsonObject } from '@weconnect/contracts/json'
import { type EngineFixture, type FixtureOptions, openEngineFixture } from '@weconnect/testing/engine-fixture'
import { ifTrue, manual, noOp, setFields, workflowFile } from '@weconnect/testing/n8n-workflow'
import { testNode } from '@weconnect/testing/test-nodes'
import { afterEach, describe, expect, test } from 'vitest'

const fixtures: EngineFixture[] = []
const open = async (options?: FixtureOptions): Promise<EngineFixture> => {
  const fixture = await openEngineFixture(options)
  fixtures.push(fixture)
  return fixture
}
afterEach(async () => {
  for (const fixture of fixtures.splice(0)) await fixture.close().catch(() => undefined)
})

const add = async (fixture: EngineFixture, file: JsonObject): Promise<string> =>
  (await fixture.workflows.importWorkflows(file, fixture.context))[0]!.workflowId

const ended = async (
  fixture: EngineFixture,
  workflowId: string,
  input: readonly JsonObject[] = [{}],
  context: Context = fixture.context,
) => {
  const { executionId } = await fixture.executions.run({ workflowId, input: input.map((json) => ({ json })) }, context)
  return { executionId, recorded: await fixture.engine.endOf(executionId, AbortSignal.timeout(60_000)) }
}

const lastItems = async (fixture: EngineFixture, executionId: string): Promise<JsonObject[]> =>
  ((await (await fixture.executions.view(executionId, fixture.context.organisationId)).output())[0] ?? []).map(({ json }) => json)

test('input and output of every step can be read back, and a replay is equal', async () => {
  const fixture = await open()
  const file = workflowFile(
    'chain',
    {
      Start: manual,
      Greet: setFields({ text: '=Hello {{ $json.name }}' }),
      Check: ifTrue('={{ $json.name === "Ada" }}'),
      Yes: noOp,
      No: noOp,
    },
    ['Start -> Greet', 'Greet -> Check', 'Check -> Yes', 'Check:1 -> No'],
  )
  const { executionId } = await ended(fixture, await add(fixture, file), [{ name: 'Ada' }, { name: 'Bob' }])
  const view = await fixture.executions.view(executionId, fixture.context.organisationId)
  expect(view.status).toBe('completed')
  const byName = new Map(view.steps.map((step) => [step.nodeName, step]))
  expect((await byName.get('Greet')!.output())[0]!.map(({ json }) => json)).toEqual([
    { name: 'Ada', text: 'Hello Ada' },
    { name: 'Bob', text: 'Hello Bob' },
  ])
  expect((await byName.get('Yes')!.input())[0]!.map(({ json }) => json['name'])).toEqual(['Ada'])
  expect((await byName.get('No')!.output())[0]!.map(({ json }) => json['name'])).toEqual(['Bob'])
  expect(await fixture.executions.replay(executionId, fixture.context.organisationId)).toMatchObject({
    equal: true,
    foldEqual: true,
    steps: 5,
    differences: [],
  })
})

test('an execution of another organisation is not found', async () => {
  const fixture = await open()
  const { executionId } = await ended(fixture, await add(fixture, workflowFile('w', { Start: manual }, [])))
  await expect(fixture.executions.view(executionId, '5c0b2f5e-0000-4000-8000-000000000002')).rejects.toMatchObject({ code: 'NOT_FOUND' })
  await expect(fixture.executions.replay(executionId, '5c0b2f5e-0000-4000-8000-000000000002')).rejects.toMatchObject({ code: 'NOT_FOUND' })
})

test('a workflow that loops for ever is stopped by its limit', async () => {
  const fixture = await open()
  const file = workflowFile('loop', { Start: manual, A: noOp, B: noOp }, ['Start -> A', 'A -> B', 'B -> A'], {
    executionOrder: 'v1',
    maxSteps: 500,
  })
  const { recorded } = await ended(fixture, await add(fixture, file))
  expect(recorded.state).toMatchObject({ status: 'failed', errorCode: 'STEP_LIMIT' })
  expect(recorded.state.steps).toHaveLength(500)
})

test('a loop of many steps keeps only the latest items in memory, and older runs can still be read', async () => {
  const fixture = await open()
  const rounds = process.env['WECONNECT_LONG'] === '1' ? 50_000 : 1_500
  const file = workflowFile(
    'count',
    {
      Start: setFields({ n: '0' }),
      Add: setFields({ n: '={{ Number($json.n) + 1 }}', first: '={{ $runIndex < 100 ? "" : $items("Add", 0, 0)[0].json.n }}' }),
      More: ifTrue(`={{ Number($json.n) < ${rounds} }}`),
      Done: noOp,
    },
    ['Start -> Add', 'Add -> More', 'More -> Add', 'More:1 -> Done'],
    { executionOrder: 'v1', maxSteps: 200_000 },
  )
  const { executionId, recorded } = await ended(fixture, await add(fixture, file))
  expect(recorded.state.error ?? recorded.state.status).toBe('completed')
  expect(recorded.state.steps).toHaveLength(2 * rounds + 2)
  expect(await lastItems(fixture, executionId)).toEqual([{ n: String(rounds), first: '1' }])
  const view = await fixture.executions.view(executionId, fixture.context.organisationId)
  expect((await view.steps[3]!.output())[0]![0]!.json).toMatchObject({ n: '2' })
})

describe('failures', () => {
  const failing = (fails: number) => {
    let calls = 0
    return {
      node: testNode('test.flaky', 'external', async (context) => {
        calls += 1
        if (calls <= fails) throw new Error('secret internal detail')
        return [await context.items()]
      }),
      calls: () => calls,
    }
  }
  const file = (options: JsonObject) =>
    workflowFile('flaky', { Start: manual, Flaky: { type: 'test.flaky', options }, After: noOp }, ['Start -> Flaky', 'Flaky -> After'])

  test('a failed try is retried as often as the node says, and each try is an event', async () => {
    const flaky = failing(2)
    const fixture = await open({ nodes: [flaky.node] })
    const { executionId, recorded } = await ended(
      fixture,
      await add(fixture, file({ retryOnFail: true, maxTries: 3, waitBetweenTries: 1 })),
    )
    expect(recorded.state.status).toBe('completed')
    const types = (await fixture.executions.events(executionId, fixture.context.organisationId)).map(({ type }) => type)
    expect(types.filter((type) => type === 'StepFailed')).toHaveLength(2)
    expect(types.filter((type) => type === 'StepRetryScheduled')).toHaveLength(2)
    expect(flaky.calls()).toBe(3)
    expect((await fixture.executions.replay(executionId, fixture.context.organisationId)).differences.map(({ path }) => path)).toBeDefined()
  })

  test('the execution fails without leaking an internal message', async () => {
    const fixture = await open({ nodes: [failing(9).node] })
    const { recorded } = await ended(fixture, await add(fixture, file({})))
    expect(recorded.state).toMatchObject({ status: 'failed', errorCode: 'INTERNAL' })
    expect(JSON.stringify(recorded.state.error)).not.toContain('secret internal detail')
  })

  test('onError continueRegularOutput passes the input on', async () => {
    const fixture = await open({ nodes: [failing(9).node] })
    const { executionId, recorded } = await ended(fixture, await add(fixture, file({ onError: 'continueRegularOutput' })), [{ a: 1 }])
    expect(recorded.state.status).toBe('completed')
    expect(await lastItems(fixture, executionId)).toEqual([{ a: 1 }])
  })

  test('a try that takes longer than its limit fails with NODE_TIMEOUT and is told to stop; gone on with after it, it replays equal', async () => {
    const told: string[] = []
    const slow = testNode('test.slow', 'external', async (context) => {
      await new Promise<void>((resolve) => context.signal.addEventListener('abort', () => resolve(), { once: true }))
      told.push(String(context.signal.reason))
      return [[{ json: { late: true } }]]
    })
    const fixture = await open({ nodes: [slow] })
    const nodes = (options: JsonObject) =>
      workflowFile('slow', { Start: manual, Slow: { type: 'test.slow', options: { timeoutMs: 50, ...options } } }, ['Start -> Slow'])
    const { recorded } = await ended(fixture, await add(fixture, nodes({})))
    expect(recorded.state.status).toBe('failed')
    expect(recorded.state.error).toMatchObject({ code: 'NODE_TIMEOUT' })
    const survived = await ended(fixture, await add(fixture, nodes({ onError: 'continueRegularOutput' })), [{ a: 1 }])
    expect(await lastItems(fixture, survived.executionId)).toEqual([{ a: 1 }])
    await expect.poll(() => told, { timeout: 60_000 }).toEqual(Array(2).fill('Error: The try took longer than its limit'))
    expect(await fixture.executions.replay(survived.executionId, fixture.context.organisationId)).toMatchObject({
      equal: true,
      differences: [],
    })
  })

  test('an execution that takes longer than its limit ends as timeout, and the signal tells its step', async () => {
    let aborted = false
    const slow = testNode(
      'test.slow',
      'external',
      (context) =>
        new Promise((resolve) =>
          context.signal.addEventListener('abort', () => {
            aborted = true
            resolve([[]])
          }),
        ),
    )
    const fixture = await open({ nodes: [slow] })
    const { recorded } = await ended(
      fixture,
      await add(
        fixture,
        workflowFile('slow', { Start: manual, Slow: { type: 'test.slow' } }, ['Start -> Slow'], {
          executionOrder: 'v1',
          executionTimeout: 0.05,
        }),
      ),
    )
    expect(recorded.state.status).toBe('timeout')
    expect(aborted).toBe(true)
  })
})

test('cancellation reaches the running step', async () => {
  const reached = Promise.withResolvers<void>()
  const running = Promise.withResolvers<void>()
  const hang = testNode(
    'test.hang',
    'external',
    (context) =>
      new Promise((resolve) => {
        running.resolve()
        context.signal.addEventListener('abort', () => {
          reached.resolve()
          resolve([[]])
        })
      }),
  )
  const fixture = await open({ nodes: [hang] })
  const workflowId = await add(fixture, workflowFile('hang', { Start: manual, Hang: { type: 'test.hang' } }, ['Start -> Hang']))
  const { executionId } = await fixture.executions.run({ workflowId }, fixture.context)
  await running.promise
  await fixture.executions.cancel(executionId, 'enough', fixture.context)
  await reached.promise
  const { state } = await fixture.engine.endOf(executionId, AbortSignal.timeout(10_000))
  expect(state.status).toBe('cancelled')
  await expect(fixture.executions.cancel(executionId, undefined, fixture.context)).rejects.toMatchObject({ code: 'INVALID_STATE' })
})

describe('recovery', () => {
  test('n8n #4867, Windmill #10287: another start goes on from the last durable step and repeats none that is recorded as completed', async () => {
    const ran: string[] = []
    const started = Promise.withResolvers<void>()
    let mayFinish = false
    const effect = testNode('test.effect', 'external', async (context) => {
      ran.push(context.node.name)
      if (context.node.name === 'Second' && !mayFinish) {
        started.resolve()
        await new Promise((_, reject) => context.signal.addEventListener('abort', () => reject(new Error('stopped'))))
      }
      return [await context.items()]
    })
    const first = await openEngineFixture({ nodes: [effect] })
    const file = workflowFile(
      'effects',
      { Start: manual, First: { type: 'test.effect' }, Second: { type: 'test.effect' }, End: setFields({ done: 'yes' }) },
      ['Start -> First', 'First -> Second', 'Second -> End'],
    )
    const workflowId = await add(first, file)
    const { executionId } = await first.executions.run({ workflowId }, first.context)
    await started.promise
    await first.stop()
    mayFinish = true
    const second = await open({ folder: first.folder, nodes: [effect] })
    const { state } = await second.engine.endOf(executionId, AbortSignal.timeout(10_000))
    expect(state).toMatchObject({ status: 'completed', epoch: 2 })
    expect(ran).toEqual(['First', 'Second', 'Second'])
    expect(await second.store.openWork()).toEqual([])
  })

  test('a waiting execution holds nothing and is resumed after a restart', async () => {
    const wait = { type: 'n8n-nodes-base.wait', version: 1.1, parameters: { resume: 'timeInterval', amount: 1, unit: 'seconds' } }
    const first = await openEngineFixture()
    const workflowId = await add(
      first,
      workflowFile('wait', { Start: manual, Wait: wait, End: setFields({ after: '={{ $json.a }}' }) }, ['Start -> Wait', 'Wait -> End']),
    )
    const { executionId } = await first.executions.run({ workflowId, input: [{ json: { a: 1 } }] }, first.context)
    await expect.poll(async () => (await first.store.openWork()).map(({ status }) => status)).toEqual(['waiting'])
    expect(first.engine.status().running).toBe(0)
    await first.stop()
    const second = await open({ folder: first.folder })
    const { state } = await second.engine.endOf(executionId, AbortSignal.timeout(20_000))
    expect(state.status).toBe('completed')
    expect(await lastItems(second, executionId)).toEqual([{ a: 1, after: '1' }])
    expect(await second.executions.replay(executionId, second.context.organisationId)).toMatchObject({ equal: true, differences: [] })
  })
})

test('the result of a node with a cache is kept for the same input, and the event says so', async () => {
  let calls = 0
  const costly = testNode('test.costly', 'external', async (context) => {
    calls += 1
    return [(await context.items()).map(({ json }) => ({ json: { ...json, made: calls } }))]
  })
  const fixture = await open({ nodes: [costly] })
  const workflowId = await add(fixture, workflowFile('cached', { Start: manual, Costly: { type: 'test.costly' } }, ['Start -> Costly']))
  const { workflow } = await fixture.workflows.load(workflowId, fixture.context.organisationId)
  const nodeId = workflow.nodes.find(({ name }) => name === 'Costly')!.nodeId
  await fixture.workflows.handle(
    {
      type: 'ConfigureNode',
      workflowId,
      organisationId: fixture.context.organisationId,
      nodeId,
      options: { cache: { enabled: true, ttlSeconds: 60 } },
    },
    fixture.context,
  )
  const hits = []
  for (const a of [1, 1, 2]) hits.push((await ended(fixture, workflowId, [{ a }])).recorded.state.steps[1]!.cacheHit)
  expect(hits).toEqual([false, true, false])
  expect(calls).toBe(2)
})

describe('sub-workflows', () => {
  const call = (workflowId: string) => ({
    type: 'n8n-nodes-base.executeWorkflow',
    version: 1.2,
    parameters: { workflowId: { __rl: true, mode: 'id', value: workflowId }, options: {} },
  })
  const trigger = { type: 'n8n-nodes-base.executeWorkflowTrigger', version: 1.1, parameters: { inputSource: 'passthrough' } }

  test('n8n PR #11602: a step runs another workflow and gets its items; the child names its parent', async () => {
    const fixture = await open()
    const child = await add(fixture, workflowFile('child', { In: trigger, Mark: setFields({ seen: 'yes' }) }, ['In -> Mark']))
    const parent = await add(
      fixture,
      workflowFile('parent', { Start: manual, Call: call(child), End: noOp }, ['Start -> Call', 'Call -> End']),
    )
    const { executionId, recorded } = await ended(fixture, parent, [{ a: 1 }])
    expect(recorded.state.error ?? recorded.state.status).toBe('completed')
    expect(await lastItems(fixture, executionId)).toEqual([{ a: 1, seen: 'yes' }])
    const childEvents = []
    for await (const event of fixture.journal.subscribe({ after: 'start', families: ['execution'], signal: AbortSignal.timeout(500) })) {
      childEvents.push(...event)
      if (childEvents.some((e) => e.type === 'ExecutionRequested' && e.data.parentExecutionId === executionId)) break
    }
    expect(await fixture.executions.replay(executionId, fixture.context.organisationId)).toMatchObject({ equal: true })
  })

  test('a workflow that calls itself without an end fails instead of filling the log', async () => {
    const fixture = await open()
    const workflowId = await add(fixture, workflowFile('self', { In: trigger, Call: { type: 'n8n-nodes-base.noOp' } }, ['In -> Call']))
    const { workflow } = await fixture.workflows.load(workflowId, fixture.context.organisationId)
    const target = { workflowId, organisationId: fixture.context.organisationId }
    await fixture.workflows.handle({ type: 'RemoveNode', ...target, nodeId: workflow.nodes[1]!.nodeId }, fixture.context)
    const { type, version, parameters } = call(workflowId)
    await fixture.workflows.handle(
      {
        type: 'AddNode',
        ...target,
        nodeId: 'call',
        name: 'Call',
        nodeType: type,
        typeVersion: version,
        position: { x: 0, y: 0 },
        parameters,
      },
      fixture.context,
    )
    await fixture.workflows.handle(
      {
        type: 'ConnectNodes',
        ...target,
        connectionId: 'c',
        sourceNodeId: workflow.nodes[0]!.nodeId,
        sourceOutput: 'main',
        sourceIndex: 0,
        targetNodeId: 'call',
        targetInput: 'main',
        targetIndex: 0,
      },
      fixture.context,
    )
    const { recorded } = await ended(fixture, workflowId)
    expect(recorded.state.status).toBe('failed')
    expect(JSON.stringify(recorded.state.error)).toContain('deep')
  })
})

test('conditions let items pass and transforms replace them on their way', async () => {
  const fixture = await open()
  const workflowId = await add(fixture, workflowFile('edges', { Start: manual, End: noOp }, []))
  const { workflow } = await fixture.workflows.load(workflowId, fixture.context.organisationId)
  const id = (name: string): string => workflow.nodes.find((node) => node.name === name)!.nodeId
  await fixture.workflows.handle(
    {
      type: 'ConnectNodes',
      workflowId,
      organisationId: fixture.context.organisationId,
      connectionId: 'c1',
      sourceNodeId: id('Start'),
      sourceOutput: 'main',
      sourceIndex: 0,
      targetNodeId: id('End'),
      targetInput: 'main',
      targetIndex: 0,
      conditions: '={{ $json.n > 1 }}',
      transform: '={{ ({ double: $json.n * 2 }) }}',
    },
    fixture.context,
  )
  const { executionId, recorded } = await ended(fixture, workflowId, [{ n: 1 }, { n: 2 }, { n: 3 }])
  expect(recorded.state.error ?? recorded.state.status).toBe('completed')
  expect(await lastItems(fixture, executionId)).toEqual([{ double: 4 }, { double: 6 }])
  expect(await fixture.executions.replay(executionId, fixture.context.organisationId)).toMatchObject({ equal: true })
})

test('n8n #9432: in order parallel, independent nodes run at the same time', async () => {
  let together = 0
  let most = 0
  const both = Promise.withResolvers<void>()
  const slow = testNode('test.together', 'external', async (context) => {
    together += 1
    most = Math.max(most, together)
    if (together === 2) both.resolve()
    await both.promise
    together -= 1
    return [await context.items()]
  })
  const fixture = await open({ nodes: [slow] })
  const merge = { type: 'n8n-nodes-base.merge', version: 3.2, parameters: {} }
  const file = workflowFile(
    'parallel',
    { Start: manual, A: { type: 'test.together' }, B: { type: 'test.together' }, M: merge },
    ['Start -> A', 'Start -> B', 'A -> M:0', 'B -> M:1'],
    { executionOrder: 'parallel' },
  )
  const { executionId, recorded } = await ended(fixture, await add(fixture, file))
  expect(recorded.state.error ?? recorded.state.status).toBe('completed')
  expect(most).toBe(2)
  expect(await lastItems(fixture, executionId)).toHaveLength(2)
})

test('an execution that can never go on fails instead of staying open for ever', async () => {
  const first = await openEngineFixture()
  const workflowId = await add(first, workflowFile('gone', { Start: manual }, []))
  const context = { ...first.context }
  const executionId = '01a207a5-0000-7000-8000-00000000dead'
  const data = { executionId, workflowId, workflowVersion: 1, workflowRevision: 999, trigger: 'webhook' as const, input: [[{ json: {} }]] }
  await first.journal.append(`execution-${executionId}`, { revision: -1, hash: '' }, [{ type: 'ExecutionRequested', data }], context)
  await expect.poll(async () => (await first.store.openWork()).length, { timeout: 10_000 }).toBe(0)
  const { state } = await first.engine.endOf(executionId, AbortSignal.timeout(10_000))
  expect(state).toMatchObject({ status: 'failed', errorCode: 'NOT_FOUND' })
  await expect(first.close()).rejects.toMatchObject({ code: 'NOT_FOUND' })
})
