import { idOf } from '@weconnect/contracts/ids'
import type { JsonObject } from '@weconnect/contracts/json'
import type { EventStore } from '@weconnect/eventstore/port'
import { type EngineFixture, type FixtureOptions, openEngineFixture } from '@weconnect/testing/engine-fixture'
import { manual, noOp, workflowFile } from '@weconnect/testing/n8n-workflow'
import { testNode } from '@weconnect/testing/test-nodes'
import { afterEach, expect, test } from 'vitest'

const fixtures: EngineFixture[] = []
afterEach(async () => {
  for (const fixture of fixtures.splice(0)) await fixture.close()
})
const open = async (options?: FixtureOptions): Promise<EngineFixture> => {
  const fixture = await openEngineFixture(options)
  fixtures.push(fixture)
  return fixture
}
const reopen = async (fixture: EngineFixture, options: FixtureOptions = {}): Promise<EngineFixture> => {
  await fixture.stop()
  fixtures.splice(fixtures.indexOf(fixture), 1)
  return open({ folder: fixture.folder, ...options })
}
const begin = async (fixture: EngineFixture, file: JsonObject): Promise<string> => {
  const [report] = await fixture.workflows.importWorkflows(file, fixture.context)
  return (await fixture.executions.run({ workflowId: report!.workflowId, input: [{ json: { n: 1 } }] }, fixture.context)).executionId
}
const view = ({ executions, context }: EngineFixture, id: string) => executions.view(id, context.organisationId)
const becomes = (fixture: EngineFixture, id: string, status: string) =>
  expect.poll(async () => (await view(fixture, id)).status, { timeout: 60_000 }).toBe(status)
const ended = (fixture: EngineFixture, id: string) => fixture.engine.endOf(id, AbortSignal.timeout(60_000))
const replayed = ({ executions, context }: EngineFixture, id: string) => executions.replay(id, context.organisationId)
const idle = (fixture: EngineFixture) => expect.poll(() => fixture.engine.status().running, { timeout: 60_000 }).toBe(0)

/** A node that ends when it is let go, and counts. */
const gate = (name = 'test.gate') => {
  let open = Promise.withResolvers<void>()
  let [began, done] = [0, 0]
  const node = testNode(name, 'external', async (context) => {
    began += 1
    await open.promise
    done += 1
    return [await context.items()]
  })
  const close = () => {
    open = Promise.withResolvers<void>()
  }
  return { node, began: () => began, done: () => done, open: () => open.resolve(), close }
}
const chain = (settings?: JsonObject) =>
  workflowFile(
    'chain',
    { Start: manual, One: { type: 'test.gate' }, Two: { type: 'test.gate' }, End: noOp },
    ['Start -> One', 'One -> Two', 'Two -> End'],
    settings,
  )
const wait = (parameters: JsonObject) => ({ type: 'n8n-nodes-base.wait', version: 1.1, parameters })

test('between steps: the one that runs ends, no other begins, nothing is held; a restart changes nothing, and then it goes on', async () => {
  const [first, second] = [gate(), gate()]
  let fixture = await open({ nodes: [first.node] })
  const id = await begin(fixture, chain())
  await expect.poll(first.began, { timeout: 60_000 }).toBe(1)
  await fixture.executions.pause(id, 'the bank is down', fixture.context)
  expect(await view(fixture, id)).toMatchObject({ status: 'paused', paused: { by: 'user:test', reason: 'the bank is down' } })
  first.open()
  await idle(fixture)
  expect((await view(fixture, id)).steps.map(({ status }) => status)).toEqual(['completed', 'completed'])
  expect(await fixture.executions.explain(id, fixture.context.organisationId)).toMatchObject({
    kind: 'paused',
    message: expect.stringContaining('the bank is down'),
  })

  fixture = await reopen(fixture, { nodes: [second.node] })
  await idle(fixture)
  expect(await view(fixture, id)).toMatchObject({ status: 'paused' })
  expect(second.began()).toBe(0)
  second.open()
  await fixture.executions.resume(id, undefined, fixture.context)
  expect((await ended(fixture, id)).state.status).toBe('completed')
  expect([first.done(), second.done()]).toEqual([1, 1])
  expect(await replayed(fixture, id)).toMatchObject({ equal: true, differences: [] })
  await expect(fixture.executions.pause(id, undefined, fixture.context)).rejects.toMatchObject({ code: 'INVALID_STATE' })
})

test('let go while its step still runs, it goes on; let go twice is refused, paused twice is once', async () => {
  const { node, began, open: letGo } = gate()
  const fixture = await open({ nodes: [node] })
  const id = await begin(fixture, chain())
  await expect.poll(began, { timeout: 60_000 }).toBe(1)
  await fixture.executions.pause(id, undefined, fixture.context)
  await fixture.executions.pause(id, undefined, fixture.context)
  await fixture.executions.resume(id, undefined, fixture.context)
  await expect(fixture.executions.resume(id, undefined, fixture.context)).rejects.toMatchObject({ code: 'INVALID_STATE' })
  letGo()
  expect((await ended(fixture, id)).state.status).toBe('completed')
})

test('paused in the moment in which a step is about to begin, it does not begin; let go, it begins once', async () => {
  const one = gate()
  one.open()
  let begun = 0
  const pauseBeforeSecond = (store: EventStore): EventStore => ({
    ...store,
    append: async (stream, expected, events) => {
      if (events.some(({ type }) => type === 'StepStarted')) begun += 1
      if (begun === 2 && one.began() === 1) {
        begun += 1
        await fixture.executions.pause(idOf(stream), undefined, fixture.context)
      }
      return store.append(stream, expected, events)
    },
  })
  const fixture = await open({ nodes: [one.node], store: pauseBeforeSecond })
  const id = await begin(fixture, chain())
  await becomes(fixture, id, 'paused')
  await idle(fixture)
  expect((await view(fixture, id)).steps.map(({ status }) => status)).toEqual(['completed', 'completed'])
  expect(one.began()).toBe(1)

  await fixture.executions.resume(id, undefined, fixture.context)
  expect((await ended(fixture, id)).state.status).toBe('completed')
  expect(one.began()).toBe(2)
  expect(await replayed(fixture, id)).toMatchObject({ equal: true, differences: [] })
})

test('paused while it waits for its place, it does not begin', async () => {
  const { node, began, open: letGo } = gate()
  const fixture = await open({ nodes: [node], concurrency: 1 })
  const first = await begin(fixture, chain())
  const second = await begin(fixture, chain())
  await expect.poll(began, { timeout: 60_000 }).toBe(1)
  await fixture.executions.pause(second, undefined, fixture.context)
  letGo()
  await ended(fixture, first)
  await idle(fixture)
  expect(await view(fixture, second)).toMatchObject({ status: 'paused' })
  expect(began()).toBe(2)
  await fixture.executions.resume(second, undefined, fixture.context)
  expect((await ended(fixture, second)).state.status).toBe('completed')
})

test('what comes due while it is paused is done when it goes on; cancelled while it is paused, it ends', async () => {
  const fixture = await open()
  const file = workflowFile('waits', { Start: manual, Wait: wait({ amount: 0.3, unit: 'seconds' }), End: noOp }, [
    'Start -> Wait',
    'Wait -> End',
  ])
  const id = await begin(fixture, file)
  await fixture.executions.pause(id, undefined, fixture.context)
  const other = await begin(fixture, file)
  await ended(fixture, other)
  expect(await view(fixture, id)).toMatchObject({ status: 'paused' })
  await fixture.executions.resume(id, undefined, fixture.context)
  expect((await ended(fixture, id)).state.status).toBe('completed')

  const cancelled = await begin(
    fixture,
    workflowFile('long', { Start: manual, Wait: wait({ amount: 1, unit: 'days' }) }, ['Start -> Wait']),
  )
  await becomes(fixture, cancelled, 'waiting')
  await fixture.executions.pause(cancelled, undefined, fixture.context)
  await fixture.executions.cancel(cancelled, undefined, fixture.context)
  expect((await ended(fixture, cancelled)).state.status).toBe('cancelled')
})

test('a pause by hand keeps the wait below it: let go, it waits again, also after a restart', async () => {
  let fixture = await open()
  const file = workflowFile('waits', { Start: manual, Wait: wait({ amount: 3, unit: 'seconds' }), End: noOp }, [
    'Start -> Wait',
    'Wait -> End',
  ])
  const id = await begin(fixture, file)
  await becomes(fixture, id, 'waiting')
  await fixture.executions.pause(id, undefined, fixture.context)
  await fixture.executions.resume(id, undefined, fixture.context)
  expect(await view(fixture, id)).toMatchObject({ status: 'waiting' })
  expect(await fixture.store.openWork()).toMatchObject([{ status: 'waiting', dueAt: expect.any(Number) }])
  fixture = await reopen(fixture)
  expect((await ended(fixture, id)).state.status).toBe('completed')
})

test('an execution that waits is stopped at its time limit, also after a restart; one that a person has paused is not', async () => {
  let fixture = await open()
  const file = workflowFile('limited', { Start: manual, Wait: wait({ amount: 1, unit: 'days' }) }, ['Start -> Wait'], {
    executionOrder: 'v1',
    executionTimeout: 1,
  })
  const [id, paused] = [await begin(fixture, file), await begin(fixture, file)]
  await becomes(fixture, id, 'waiting')
  await becomes(fixture, paused, 'waiting')
  await fixture.executions.pause(paused, undefined, fixture.context)
  fixture = await reopen(fixture)
  expect((await ended(fixture, id)).state.status).toBe('timeout')
  expect(await view(fixture, paused)).toMatchObject({ status: 'paused' })
  await fixture.executions.resume(paused, undefined, fixture.context)
  expect((await ended(fixture, paused)).state.status).toBe('timeout')
})

test('parallel: a branch that waits, or waits for a retry, keeps no other back, and goes on when it is due', async () => {
  const { node, began, open: letGo } = gate()
  let calls = 0
  const flaky = testNode('test.flaky', 'external', async (context) => {
    calls += 1
    if (calls === 1) throw new Error('not yet')
    return [await context.items()]
  })
  const fixture = await open({ nodes: [node, flaky] })
  const retry = { attempts: 2, backoff: 'fixed', delayMs: 6_000 }
  const file = workflowFile(
    'branches',
    {
      Start: manual,
      Flaky: { type: 'test.flaky', options: { retry } },
      'After flaky': noOp,
      Wait: wait({ amount: 7, unit: 'seconds' }),
      'After wait': noOp,
      Gate: { type: 'test.gate' },
      'After gate': noOp,
    },
    ['Start -> Flaky', 'Flaky -> After flaky', 'Start -> Wait', 'Wait -> After wait', 'Start -> Gate', 'Gate -> After gate'],
    { executionOrder: 'parallel' },
  )
  const id = await begin(fixture, file)
  await expect.poll(began, { timeout: 60_000 }).toBe(1)
  const done = async () => (await view(fixture, id)).steps.filter(({ status }) => status === 'completed').map(({ nodeName }) => nodeName)
  // While one branch works, the others wait inside of the run, and go on without it.
  await expect.poll(done, { timeout: 60_000 }).toEqual(expect.arrayContaining(['After flaky', 'After wait']))
  letGo()
  expect((await ended(fixture, id)).state.status).toBe('completed')
  expect(calls).toBe(2)
})

test('parallel: when only waits are left, the execution is put down, and each branch goes on at its time', async () => {
  const fixture = await open()
  const file = workflowFile(
    'waits',
    { Start: manual, A: wait({ amount: 0.5, unit: 'seconds' }), B: wait({ amount: 1, unit: 'seconds' }), 'After A': noOp, 'After B': noOp },
    ['Start -> A', 'A -> After A', 'Start -> B', 'B -> After B'],
    { executionOrder: 'parallel' },
  )
  const id = await begin(fixture, file)
  const { state } = await ended(fixture, id)
  expect(state.status).toBe('completed')
  const paused = (await fixture.executions.events(id, fixture.context.organisationId)).filter(({ type }) => type === 'ExecutionPaused')
  expect(paused.length).toBeGreaterThanOrEqual(2)
  expect(state.steps.map(({ nodeName }) => nodeName).sort()).toEqual(['A', 'After A', 'After B', 'B', 'Start'])
  expect(await replayed(fixture, id)).toMatchObject({ foldEqual: true })
})
