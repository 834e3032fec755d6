import { randomUUID } from 'node:crypto'
import type { JsonObject } from '@weconnect/contracts/json'
import { type EngineFixture, type FixtureOptions, openEngineFixture } from '@weconnect/testing/engine-fixture'
import { manual, workflowFile } from '@weconnect/testing/n8n-workflow'
import { recountSlots } from '@weconnect/testing/recount-slots'
import { testNode } from '@weconnect/testing/test-nodes'
import { afterEach, expect, test, vi } from 'vitest'

vi.setConfig({ testTimeout: 120_000 })
const patience = { timeout: 60_000 }

const fixtures: EngineFixture[] = []
afterEach(async () => {
  for (const fixture of fixtures.splice(0)) await fixture.close().catch(() => undefined)
})
const open = async (options: FixtureOptions): Promise<EngineFixture> => {
  const fixture = await openEngineFixture(options)
  fixtures.push(fixture)
  return fixture
}

/** A node whose runs stay open until the test lets them go. */
const gate = () => {
  const open = new Map<string, () => void>()
  const began: string[] = []
  const node = testNode('test.gate', 'external', async (context) => {
    const items = await context.items()
    const name = String(items[0]?.json['name'])
    began.push(name)
    await new Promise<void>((resolve) => {
      open.set(name, resolve)
      context.signal.addEventListener('abort', () => resolve(), { once: true })
    })
    open.delete(name)
    return [items]
  })
  const running = () => [...open.keys()].sort()
  return { node, began, running, release: (name: string) => open.get(name)?.() }
}

const gated = (flowControl: JsonObject, name = 'gated'): JsonObject => ({
  ...workflowFile(name, { Start: manual, Gate: { type: 'test.gate' } }, ['Start -> Gate']),
  settings: { flowControl },
})

const importOne = async (fixture: EngineFixture, file: JsonObject): Promise<string> => {
  const [{ workflowId } = { workflowId: '' }] = await fixture.workflows.importWorkflows(file, fixture.context)
  return workflowId
}
const run = async (fixture: EngineFixture, workflowId: string, json: JsonObject): Promise<string> =>
  (await fixture.executions.run({ workflowId, input: [{ json }] }, fixture.context)).executionId
const ended = async (fixture: EngineFixture, executionId: string): Promise<string> =>
  (await fixture.engine.endOf(executionId, AbortSignal.timeout(60_000))).state.status
/** Three executions of which one may run at a time: `a` does. */
const oneOfThree = async () => {
  const { node, ...gates } = gate()
  const fixture = await open({ nodes: [node] })
  const workflowId = await importOne(fixture, gated({ concurrency: { limit: 1 } }))
  const [a, b, c] = [
    await run(fixture, workflowId, { name: 'a' }),
    await run(fixture, workflowId, { name: 'b' }),
    await run(fixture, workflowId, { name: 'c' }),
  ]
  await expect.poll(gates.running, patience).toEqual(['a'])
  return { fixture, ...gates, a, b, c }
}
const statusOf = async (fixture: EngineFixture, executionId: string): Promise<string> =>
  (await fixture.executions.view(executionId, fixture.context.organisationId)).status
const nothingHeld = async (fixture: EngineFixture): Promise<void> => {
  await expect.poll(async () => [...(await recountSlots(fixture.journal)).held.values()].flat(), patience).toEqual([])
  expect((await recountSlots(fixture.journal)).problems).toEqual([])
  expect((await fixture.store.openWork()).filter(({ stream }) => stream.startsWith('slot-'))).toEqual([])
}

test('the time limit of an execution counts from when it runs, not the time for which it was queued', async () => {
  const { node, ...gates } = gate()
  const fixture = await open({ nodes: [node] })
  const limited = gated({ concurrency: { limit: 1 } })
  const workflowId = await importOne(fixture, { ...limited, settings: { ...(limited['settings'] as JsonObject), executionTimeout: 3 } })
  const a = await run(fixture, workflowId, { name: 'a' })
  const b = await run(fixture, workflowId, { name: 'b' })
  expect(await ended(fixture, a)).toBe('timeout')
  await expect.poll(gates.running, patience).toEqual(['b'])
  gates.release('b')
  expect(await ended(fixture, b)).toBe('completed')
})

test('Kestra #12031: a workflow runs as often at a time as it declares, also by hand; who waits holds nothing and gets in when one ends', async () => {
  const { node, running, began, release } = gate()
  const fixture = await open({ nodes: [node] })
  const workflowId = await importOne(fixture, gated({ concurrency: { limit: 2 } }))
  const ids: string[] = []
  for (const name of ['a', 'b', 'c', 'd']) ids.push(await run(fixture, workflowId, { name }))
  await expect.poll(running, patience).toEqual(['a', 'b'])
  expect(await statusOf(fixture, ids[2]!)).toBe('pending')
  release('b')
  await expect.poll(running, patience).toEqual(['a', 'c'])
  release('a')
  await expect.poll(running, patience).toEqual(['c', 'd'])
  release('c')
  release('d')
  for (const id of ids) expect(await ended(fixture, id)).toBe('completed')
  expect(began).toEqual(['a', 'b', 'c', 'd'])
  expect([...(await recountSlots(fixture.journal)).most.values()]).toEqual([2])
  await nothingHeld(fixture)
})

test('Windmill #3530: each value of a key has slots of its own', async () => {
  const { node, running, release } = gate()
  const fixture = await open({ nodes: [node] })
  const workflowId = await importOne(fixture, gated({ concurrency: [{ limit: 1, key: '={{ $json.tenant }}' }] }))
  const ids: string[] = []
  for (const [name, tenant] of [
    ['a1', 'a'],
    ['a2', 'a'],
    ['b1', 'b'],
  ] as const)
    ids.push(await run(fixture, workflowId, { name, tenant }))
  await expect.poll(running, patience).toEqual(['a1', 'b1'])
  release('a1')
  await expect.poll(running, patience).toEqual(['a2', 'b1'])
  release('a2')
  release('b1')
  for (const id of ids) expect(await ended(fixture, id)).toBe('completed')
  await nothingHeld(fixture)
})

test('no limit declared: no event of a slot', async () => {
  const { node, running, release } = gate()
  const fixture = await open({ nodes: [node] })
  const id = await run(fixture, await importOne(fixture, gated({})), { name: 'a' })
  await expect.poll(running, patience).toEqual(['a'])
  release('a')
  expect(await ended(fixture, id)).toBe('completed')
  const all = await fixture.journal.readAll({ limit: 1000 })
  expect(all.filter(({ stream }) => stream.startsWith('slot-'))).toEqual([])
  expect(all.find(({ type }) => type === 'ExecutionRequested')?.data).not.toHaveProperty('flow')
})

const waiting = (flowControl: JsonObject): JsonObject => ({
  ...workflowFile(
    'waits',
    {
      Start: manual,
      Wait: { type: 'n8n-nodes-base.wait', version: 1.1, parameters: { resume: 'webhook' } },
      Gate: { type: 'test.gate' },
    },
    ['Start -> Wait', 'Wait -> Gate'],
  ),
  settings: { flowControl },
})

test('n8n #28488: an execution that waits holds no slot; it asks again when it goes on, and comes before those who were asked for later', async () => {
  const { node, running, began, release } = gate()
  const fixture = await open({ nodes: [node] })
  const limit = { concurrency: { limit: 1, scope: 'organisation', name: 'shop' } }
  const waits = await importOne(fixture, waiting(limit))
  const works = await importOne(fixture, gated(limit))
  const first = await run(fixture, waits, { name: 'first' })
  await expect.poll(() => statusOf(fixture, first), patience).toBe('waiting')
  const second = await run(fixture, works, { name: 'second' })
  await expect.poll(running, patience).toEqual(['second'])
  const third = await run(fixture, works, { name: 'third' })
  await fixture.executions.resume(first, [{ json: { name: 'first' } }], fixture.context)
  await expect
    .poll(async () => (await fixture.executions.explain(first, fixture.context.organisationId)).kind, patience)
    .toBe('waitingForSlot')
  expect(await fixture.executions.explain(first, fixture.context.organisationId)).toMatchObject({
    message: `It waits for a slot of its organisation named "shop" (1 at a time): held by ${second}; 1 wait before it.`,
    heldBy: [second],
  })
  release('second')
  await expect.poll(running, patience).toEqual(['first'])
  release('first')
  await expect.poll(running, patience).toEqual(['third'])
  release('third')
  for (const id of [first, second, third]) expect(await ended(fixture, id)).toBe('completed')
  expect(began).toEqual(['second', 'first', 'third'])
  await nothingHeld(fixture)
})

test('a slot can be kept during a wait, when that is declared', async () => {
  const { node, began, running, release } = gate()
  const fixture = await open({ nodes: [node] })
  const workflowId = await importOne(fixture, waiting({ concurrency: { limit: 1, whileWaiting: 'hold' } }))
  const first = await run(fixture, workflowId, { name: 'first' })
  await expect.poll(() => statusOf(fixture, first), patience).toBe('waiting')
  const second = await run(fixture, workflowId, { name: 'second' })
  expect(await statusOf(fixture, second)).toBe('pending')
  expect(began).toEqual([])
  await fixture.executions.resume(first, [{ json: { name: 'first' } }], fixture.context)
  await expect.poll(running, patience).toEqual(['first'])
  release('first')
  expect(await ended(fixture, first)).toBe('completed')
  await expect.poll(() => statusOf(fixture, second), patience).toBe('waiting')
  expect((await recountSlots(fixture.journal)).problems).toEqual([])
  await fixture.executions.cancel(second, undefined, fixture.context)
  expect(await ended(fixture, second)).toBe('cancelled')
  await nothingHeld(fixture)
})

test('Kestra #19679, #10657, #11574, n8n #14286: cancelled while it runs or waits for its turn, an execution gives everything back', async () => {
  const { fixture, running, began, release, a, b, c } = await oneOfThree()
  await fixture.executions.cancel(b, undefined, fixture.context)
  expect(await ended(fixture, b)).toBe('cancelled')
  await fixture.executions.cancel(a, undefined, fixture.context)
  expect(await ended(fixture, a)).toBe('cancelled')
  await expect.poll(running, patience).toEqual(['c'])
  release('c')
  expect(await ended(fixture, c)).toBe('completed')
  expect(began).toEqual(['a', 'c'])
  await nothingHeld(fixture)
})

test('Kestra #4141: what fails, and what is retried and forked, holds its slot no longer than it runs', async () => {
  const { node, running, release } = gate()
  let fails = true
  const flaky = testNode('test.flaky', 'external', async (context) => {
    if (fails) throw new Error('not yet')
    return [await context.items()]
  })
  const fixture = await open({ nodes: [node, flaky] })
  const file = {
    ...workflowFile('flaky', { Start: manual, Flaky: { type: 'test.flaky' }, Gate: { type: 'test.gate' } }, [
      'Start -> Flaky',
      'Flaky -> Gate',
    ]),
    settings: { flowControl: { concurrency: { limit: 1 } } },
  }
  const workflowId = await importOne(fixture, file)
  const failed = await run(fixture, workflowId, { name: 'a' })
  expect(await ended(fixture, failed)).toBe('failed')
  fails = false
  const other = await run(fixture, workflowId, { name: 'b' })
  await expect.poll(running, patience).toEqual(['b'])
  const { executionId: again } = await fixture.executions.fork(failed, { from: 'failedStep' }, fixture.context)
  await expect
    .poll(async () => (await fixture.executions.explain(again, fixture.context.organisationId)).kind, patience)
    .toBe('waitingForSlot')
  expect(running()).toEqual(['b'])
  release('b')
  await expect.poll(running, patience).toEqual(['a'])
  release('a')
  expect(await ended(fixture, again)).toBe('completed')
  expect(await ended(fixture, other)).toBe('completed')
  await nothingHeld(fixture)
})

test('after a stop in the middle, another process gives holders a new epoch and everybody else their turn', async () => {
  const first = gate()
  const before = await openEngineFixture({ nodes: [first.node] })
  const workflowId = await importOne(before, gated({ concurrency: { limit: 2 } }))
  const ids: string[] = []
  for (const name of ['a', 'b', 'c', 'd']) ids.push(await run(before, workflowId, { name }))
  await expect.poll(first.running, patience).toEqual(['a', 'b'])
  await before.stop()

  const { node, running, release } = gate()
  // What is interrupted is repeated here without a question: this is about slots.
  const again = { ...node, definition: { ...node.definition, afterCrash: 'repeat' as const } }
  const fixture = await open({ nodes: [again], folder: before.folder })
  await expect.poll(running, patience).toEqual(['a', 'b'])
  release('a')
  await expect.poll(running, patience).toEqual(['b', 'c'])
  for (const name of ['b', 'c']) release(name)
  await expect.poll(running, patience).toEqual(['d'])
  release('d')
  for (const id of ids) expect(await ended(fixture, id)).toBe('completed')
  expect([...(await recountSlots(fixture.journal)).most.values()]).toEqual([2])
  await nothingHeld(fixture)
})

test('who is called and waited for runs in the slot of its caller: the two do not wait for each other', async () => {
  const { node, running, release } = gate()
  const fixture = await open({ nodes: [node] })
  const limit = { concurrency: { limit: 1, scope: 'organisation' } }
  const child = await importOne(fixture, {
    ...workflowFile('child', { Start: { type: 'n8n-nodes-base.executeWorkflowTrigger', version: 1 }, Gate: { type: 'test.gate' } }, [
      'Start -> Gate',
    ]),
    settings: { flowControl: limit },
  })
  const parent = await importOne(fixture, {
    ...workflowFile(
      'parent',
      { Start: manual, Call: { type: 'n8n-nodes-base.executeWorkflow', version: 1, parameters: { workflowId: child } } },
      ['Start -> Call'],
    ),
    settings: { flowControl: limit },
  })
  const id = await run(fixture, parent, { name: 'x' })
  await expect.poll(running, patience).toEqual(['x'])
  release('x')
  expect(await ended(fixture, id)).toBe('completed')
  await nothingHeld(fixture)
})

test('Kestra #19679: what a dead process left running holds nothing while a person decides about it, and can be cancelled', async () => {
  const first = gate()
  const before = await openEngineFixture({ nodes: [first.node] })
  const workflowId = await importOne(before, gated({ concurrency: { limit: 1 } }))
  const ghost = await run(before, workflowId, { name: 'ghost' })
  const next = await run(before, workflowId, { name: 'next' })
  await expect.poll(first.running, patience).toEqual(['ghost'])
  await before.stop()

  const { node, running, release } = gate()
  const incident = { ...node, definition: { ...node.definition, afterCrash: 'incident' as const } }
  const fixture = await open({ nodes: [incident], folder: before.folder })
  await expect.poll(() => statusOf(fixture, ghost), patience).toBe('incident')
  await expect.poll(running, patience).toEqual(['next'])
  await fixture.executions.cancel(ghost, undefined, fixture.context)
  expect(await ended(fixture, ghost)).toBe('cancelled')
  release('next')
  expect(await ended(fixture, next)).toBe('completed')
  await nothingHeld(fixture)
})

test('a retry that is far away holds no slot, and a cancel meanwhile leaves nothing held', async () => {
  const { node, running, release } = gate()
  const failing = testNode('test.failing', 'external', async () => {
    throw new Error('not now')
  })
  const fixture = await open({ nodes: [node, failing] })
  const limit = { concurrency: { limit: 1, scope: 'organisation' } }
  const retry = { attempts: 2, backoff: 'fixed', delayMs: 3_600_000 }
  const retries = await importOne(fixture, {
    ...workflowFile('retries', { Start: manual, Failing: { type: 'test.failing', options: { retry } } }, ['Start -> Failing']),
    settings: { flowControl: limit },
  })
  const works = await importOne(fixture, gated(limit))
  const first = await run(fixture, retries, {})
  await expect.poll(() => statusOf(fixture, first), patience).toBe('waiting')
  const second = await run(fixture, works, { name: 'second' })
  await expect.poll(running, patience).toEqual(['second'])
  await fixture.executions.cancel(first, undefined, fixture.context)
  expect(await ended(fixture, first)).toBe('cancelled')
  release('second')
  expect(await ended(fixture, second)).toBe('completed')
  await nothingHeld(fixture)
})

test('Kestra #19679: cancelled between two tries, an execution ends, gives its slot back, and is not tried again', async () => {
  const { node, running, release } = gate()
  let tries = 0
  const failing = testNode('test.failing', 'external', async () => {
    tries += 1
    throw new Error('not now')
  })
  const fixture = await open({ nodes: [node, failing] })
  const limit = { concurrency: { limit: 1, scope: 'organisation' } }
  // So short a wait is spent in the engine, with the slot.
  const retry = { attempts: 100, backoff: 'fixed', delayMs: 1_000 }
  const retries = await importOne(fixture, {
    ...workflowFile('retries', { Start: manual, Failing: { type: 'test.failing', options: { retry } } }, ['Start -> Failing']),
    settings: { flowControl: limit },
  })
  const works = await importOne(fixture, gated(limit))
  const first = await run(fixture, retries, {})
  await expect.poll(() => tries, patience).toBeGreaterThan(0)
  const second = await run(fixture, works, { name: 'second' })
  expect(running()).toEqual([])
  await fixture.executions.cancel(first, undefined, fixture.context)
  expect(await ended(fixture, first)).toBe('cancelled')
  const triesThen = tries
  await expect.poll(running, patience).toEqual(['second'])
  release('second')
  expect(await ended(fixture, second)).toBe('completed')
  await nothingHeld(fixture)
  await expect.poll(() => fixture.engine.status(), patience).toMatchObject({ running: 0, queued: 0 })
  expect(tries).toBe(triesThen)
})

test('an execution that a person pauses gives its turn to others, and has it again when it goes on', async () => {
  const { fixture, running, began, release, a, b, c } = await oneOfThree()
  await fixture.executions.pause(b, undefined, fixture.context)
  await expect.poll(() => statusOf(fixture, b), patience).toBe('paused')
  release('a')
  await expect.poll(running, patience).toEqual(['c'])
  await fixture.executions.resume(b, undefined, fixture.context)
  release('c')
  await expect.poll(running, patience).toEqual(['b'])
  release('b')
  for (const id of [a, b, c]) expect(await ended(fixture, id)).toBe('completed')
  expect(began).toEqual(['a', 'c', 'b'])
  await nothingHeld(fixture)
})

test('asked for again by a caller whose answer was lost, an execution of a singleton takes the place of nobody and is not turned away', async () => {
  const { node, running, began, release } = gate()
  const fixture = await open({ nodes: [node] })
  const { organisationId } = fixture.context
  const program = { ...fixture.context, actor: 'token:program' }
  for (const mode of ['cancel', 'skip']) {
    const workflowId = await importOne(fixture, gated({ singleton: { mode } }, mode))
    await fixture.workflows.handle({ type: 'PublishWorkflow', workflowId, organisationId }, fixture.context)
    const ask = (executionId: string, name: string) =>
      fixture.executions.run({ workflowId, version: 1, executionId, input: [{ json: { name } }] }, program)
    const [one, other] = [randomUUID(), randomUUID()]
    await ask(one, `${mode} a`)
    await expect.poll(running, patience).toEqual([`${mode} a`])
    release(`${mode} a`)
    expect(await ended(fixture, one)).toBe('completed')
    await ask(other, `${mode} b`)
    await expect.poll(running, patience).toEqual([`${mode} b`])
    await expect(ask(one, `${mode} a`)).rejects.toMatchObject({ code: 'REVISION_CONFLICT' })
    release(`${mode} b`)
    expect(await ended(fixture, other)).toBe('completed')
  }
  expect(began).toEqual(['cancel a', 'cancel b', 'skip a', 'skip b'])
  await nothingHeld(fixture)
})
