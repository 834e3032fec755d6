import type { Context, EventOf } from '@weconnect/contracts/envelope'
import type { JsonObject } from '@weconnect/contracts/json'
import { type EngineFixture, openEngineFixture } from '@weconnect/testing/engine-fixture'
import { type SimulatedTime, simulatedTime } from '@weconnect/testing/simulated-time'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { scheduleIdOf, scheduleStream } from './ids.ts'
import { Scheduler } from './scheduler.ts'

const begin = Date.parse('2026-05-04T08:00:00Z')
const minutes = (count: number): number => begin + count * 60_000
const iso = (count: number): string => new Date(minutes(count)).toISOString()

let time: SimulatedTime
let fixture: EngineFixture
let context: Context
beforeEach(async () => {
  time = simulatedTime(begin)
  fixture = await openEngineFixture({ time, timezone: 'UTC' })
  context = fixture.context
})
afterEach(() => fixture.close())

const trigger = (rule: JsonObject, options: JsonObject = {}): JsonObject => ({
  parameters: { rule: { interval: [rule] }, options },
  ...{ id: 'clock', name: 'Clock', type: 'n8n-nodes-base.scheduleTrigger', typeVersion: 1.2, position: [0, 0] },
})
const everyTen = { field: 'minutes', minutesInterval: 10 }
const waiting: JsonObject = {
  parameters: { resume: 'timeInterval', amount: 1, unit: 'hours' },
  ...{ id: 'wait', name: 'Wait', type: 'n8n-nodes-base.wait', typeVersion: 1.1, position: [200, 0] },
}
const file = (nodes: readonly JsonObject[], settings: JsonObject = {}): JsonObject => ({
  name: `Scheduled ${Math.random()}`,
  nodes: [...nodes],
  connections: nodes.length > 1 ? { Clock: { main: [[{ node: nodes[1]!['name'] as string, type: 'main', index: 0 }]] } } : {},
  settings: { executionOrder: 'v1', ...settings },
})
const activate = async (given: JsonObject): Promise<string> => {
  const [report] = await fixture.workflows.importWorkflows(given, context)
  const { workflowId } = report!
  await fixture.workflows.handle({ type: 'ActivateWorkflow', workflowId, organisationId: context.organisationId }, context)
  return workflowId
}
const runTo = (at: number): Promise<void> => time.runTo(at, () => fixture.scheduler.settled())
const idOf = (workflowId: string): string => scheduleIdOf(workflowId, 'clock')
const eventsOf = async (workflowId: string) => {
  const events = []
  for await (const event of fixture.journal.read(scheduleStream(idOf(workflowId)))) events.push(event)
  return events
}
const firesOf = async (workflowId: string) =>
  (await eventsOf(workflowId)).flatMap(({ type, data }) => (type === 'ScheduleFired' ? [data as EventOf<'ScheduleFired'>['data']] : []))
const ticksOf = async (workflowId: string): Promise<string[]> => (await firesOf(workflowId)).map(({ tick }) => tick)
/** The scheduled executions of a workflow in the log, by the tick they were given. */
const executionsOf = async (workflowId: string) => {
  const all = []
  for (let after: string | undefined; ; ) {
    const events = await fixture.journal.readAll({ after, limit: 1000 })
    if (events.length === 0) return all
    for (const event of events) if (event.type === 'ExecutionRequested' && event.data.workflowId === workflowId) all.push(event)
    after = events.at(-1)?.position
  }
}
const endedOf = (executionId: string) => fixture.engine.endOf(executionId, AbortSignal.timeout(60_000))

describe('an active workflow with a schedule', () => {
  test('runs at its times, each time once, with what n8n gives', async () => {
    const workflowId = await activate(file([trigger(everyTen)], { timezone: 'Europe/Berlin' }))
    await runTo(minutes(35))
    expect(await ticksOf(workflowId)).toEqual([iso(10), iso(20), iso(30)])
    const executions = await executionsOf(workflowId)
    expect(executions.map(({ data }) => data)).toMatchObject(
      [10, 20, 30].map((minute) => ({ deliveryId: iso(minute), trigger: 'schedule', workflowVersion: 1, triggerNodeId: 'clock' })),
    )
    expect(executions[0]?.data.input).toEqual([
      [
        {
          json: {
            timestamp: '2026-05-04T10:10:00.000+02:00',
            'Readable date': 'May 4th 2026, 10:10:00 am',
            'Readable time': '10:10:00 am',
            'Day of week': 'Monday',
            Year: '2026',
            Month: 'May',
            'Day of month': '04',
            Hour: '10',
            Minute: '10',
            Second: '00',
            Timezone: 'Europe/Berlin (UTC+02:00)',
          },
        },
      ],
    ])
    for (const { data } of executions) expect((await endedOf(data.executionId)).state.status).toBe('completed')
  })
  test('cron and interval nodes too', async () => {
    const cron = {
      ...trigger({}),
      type: 'n8n-nodes-base.cron',
      typeVersion: 1,
      parameters: { triggerTimes: { item: [{ mode: 'everyX', value: 15, unit: 'minutes' }] } },
    }
    const interval = { ...trigger({}), type: 'n8n-nodes-base.interval', typeVersion: 1, parameters: { interval: 20, unit: 'minutes' } }
    const [one, other] = [await activate(file([cron])), await activate(file([interval]))]
    await runTo(minutes(45))
    expect(await ticksOf(one)).toEqual([iso(15), iso(30), iso(45)])
    expect(await ticksOf(other)).toEqual([iso(20), iso(40)])
    expect((await executionsOf(one))[0]?.data.input).toEqual([[{ json: {} }]])
  })
  test('two triggers of one workflow are two schedules; one that is disabled is none', async () => {
    const second = { ...trigger({ field: 'minutes', minutesInterval: 30 }), id: 'second', name: 'Second' }
    const third = { ...second, id: 'third', name: 'Third', disabled: true }
    const given = { ...file([trigger(everyTen)]), nodes: [trigger(everyTen), second, third] }
    const workflowId = await activate(given)
    await runTo(minutes(30))
    const starts = (await executionsOf(workflowId)).map(({ data }) => `${data.triggerNodeId} ${data.deliveryId}`).sort()
    expect(starts).toEqual([`clock ${iso(10)}`, `clock ${iso(20)}`, `clock ${iso(30)}`, `second ${iso(30)}`])
  })
  test('expressions in a rule are evaluated at the activation, the same whenever that is repeated', async () => {
    const minute = '={{ 5 + Math.floor(Math.random() * 50) }}'
    const workflowId = await activate(file([trigger({ field: 'hours', hoursInterval: 1, triggerAtMinute: minute })]))
    const [first] = await fixture.scheduler.schedules.next(idOf(workflowId), context.organisationId, 1)
    const { workflow } = await fixture.workflows.load(workflowId, context.organisationId)
    await fixture.registrar.register(workflowId, 1, workflow, context)
    expect((await eventsOf(workflowId)).map(({ type }) => type)).toEqual(['ScheduleRegistered'])
    await runTo(minutes(60))
    expect(await ticksOf(workflowId)).toEqual([first])
    const [report] = await fixture.workflows.importWorkflows(file([trigger({ field: 'hours', triggerAtMinute: '={{ 6 * 20 }}' })]), context)
    const command = { type: 'ActivateWorkflow', workflowId: report!.workflowId, organisationId: context.organisationId } as const
    await expect(fixture.workflows.handle(command, context)).rejects.toMatchObject({
      code: 'WORKFLOW_INVALID',
      problems: [{ node: 'Clock' }],
    })
    expect((await fixture.workflows.load(report!.workflowId, context.organisationId)).workflow.activeVersion).toBe(0)
  })
  test('wrong rules refuse the publish, and say where they are', async () => {
    const [report] = await fixture.workflows.importWorkflows(
      file([trigger({ field: 'cronExpression', expression: '99 * * * *' })]),
      context,
    )
    const command = { type: 'ActivateWorkflow', workflowId: report!.workflowId, organisationId: context.organisationId } as const
    await expect(fixture.workflows.handle(command, context)).rejects.toMatchObject({
      code: 'WORKFLOW_INVALID',
      problems: [{ node: 'Clock', parameter: 'rule.interval[0].expression' }],
    })
  })
})

describe('switching', () => {
  const configure = (workflowId: string, rule: JsonObject) =>
    fixture.workflows.handle(
      {
        ...{ type: 'ConfigureNode', workflowId, organisationId: context.organisationId, nodeId: 'clock' },
        parameters: { rule: { interval: [rule] } },
      },
      context,
    )
  test('a publish that is activated switches to the new version and its times (n8n #30607)', async () => {
    const workflowId = await activate(file([trigger(everyTen)]))
    await runTo(minutes(15))
    await configure(workflowId, { field: 'minutes', minutesInterval: 15 })
    await runTo(minutes(20))
    await fixture.workflows.handle({ type: 'ActivateWorkflow', workflowId, organisationId: context.organisationId }, context)
    await runTo(minutes(60))
    const starts = (await executionsOf(workflowId)).map(({ data }) => [data.deliveryId, data.workflowVersion])
    expect(starts).toEqual([
      [iso(10), 1],
      [iso(20), 1],
      [iso(30), 2],
      [iso(45), 2],
      [iso(60), 2],
    ])
  })
  test('switched off and on again, several times: one schedule, one start for each time (n8n #28322 #30607 #16332 #19112 #6567)', async () => {
    const workflowId = await activate(file([trigger(everyTen)]))
    const { organisationId } = context
    for (let round = 0; round < 3; round += 1) {
      await fixture.workflows.handle({ type: 'DeactivateWorkflow', workflowId, organisationId }, context)
      await configure(workflowId, { field: 'minutes', minutesInterval: 10 + round * 5 })
      for (let repeat = 0; repeat < 2; repeat += 1)
        await fixture.workflows.handle({ type: 'ActivateWorkflow', workflowId, organisationId }, context)
    }
    await runTo(minutes(60))
    const starts = (await executionsOf(workflowId)).map(({ data }) => data.deliveryId)
    expect(starts).toEqual([iso(20), iso(40), iso(60)])
    expect((await fixture.store.openWork()).filter(({ stream }) => stream.startsWith('schedule-'))).toHaveLength(1)
  })
  test('a workflow that was switched off, or whose trigger is gone, starts no more (n8n #15791)', async () => {
    const off = await activate(file([trigger(everyTen)]))
    const removed = await activate(file([trigger(everyTen)]))
    await runTo(minutes(10))
    const { organisationId } = context
    await fixture.workflows.handle({ type: 'DeactivateWorkflow', workflowId: off, organisationId }, context)
    await fixture.workflows.handle(
      {
        ...{ type: 'AddNode', workflowId: removed, organisationId, nodeId: 'by-hand', name: 'By hand', typeVersion: 1 },
        nodeType: 'n8n-nodes-base.manualTrigger',
        position: { x: 0, y: 0 },
      },
      context,
    )
    await fixture.workflows.handle({ type: 'RemoveNode', workflowId: removed, organisationId, nodeId: 'clock' }, context)
    await fixture.workflows.handle({ type: 'ActivateWorkflow', workflowId: removed, organisationId }, context)
    await runTo(minutes(40))
    expect([await ticksOf(off), await ticksOf(removed)]).toEqual([[iso(10)], [iso(10)]])
    expect((await fixture.store.openWork()).filter(({ stream }) => stream.startsWith('schedule-'))).toEqual([])
  })
  test('an activation that was cut off leaves the version before, which goes on firing', async () => {
    const workflowId = await activate(file([trigger(everyTen)]))
    await configure(workflowId, { field: 'minutes', minutesInterval: 15 })
    const { workflow } = await fixture.workflows.load(workflowId, context.organisationId)
    await fixture.registrar.register(workflowId, 2, workflow, context)
    await runTo(minutes(40))
    const starts = (await executionsOf(workflowId)).map(({ data }) => [data.workflowVersion, data.deliveryId])
    expect(starts.every(([version]) => version === 1)).toBe(true)
    expect(starts).toContainEqual([1, iso(20)])
    expect(starts).toContainEqual([1, iso(30)])
  })
})

test('several schedulers on one log fire each tick once (n8n #7045 #17160 #22488)', async () => {
  const { store, workflows, registrar, engine, executions } = fixture
  const parts = {
    store,
    workflows,
    registrar,
    engine,
    executions,
    registry: fixture.registry,
    onError: (error: unknown) => {
      throw error
    },
  }
  const others = [1, 2, 3].map(() => new Scheduler({ ...parts, ...time }))
  const workflowId = await activate(file([trigger({ field: 'minutes', minutesInterval: 1 })]))
  await Promise.all(others.map((other) => other.start()))
  await time.runTo(minutes(30), async () => void (await Promise.all([fixture.scheduler, ...others].map((one) => one.settled()))))
  await Promise.all(others.map((other) => other.close()))
  expect(await ticksOf(workflowId)).toEqual(Array.from({ length: 30 }, (_, index) => iso(index + 1)))
  const executionsByTick = Map.groupBy(await executionsOf(workflowId), ({ data }) => data.deliveryId)
  expect([...executionsByTick.values()].every((list) => list.length === 1)).toBe(true)
  expect(executionsByTick.size).toBe(30)
})

test('what another fired and did not live to begin is not covered by the next append', async () => {
  const { store, workflows, registrar, engine, executions, registry } = fixture
  const workflowId = await activate(file([trigger(everyTen, { missedRuns: 'all' })]))
  await fixture.scheduler.close()
  const scheduleId = idOf(workflowId)
  const fire = (now: number) => ({ type: 'FireDueTicks', scheduleId, now, activeVersion: 1, endedExecutionId: undefined }) as const
  time.jumpTo(minutes(10))
  let fired = false
  const second = new Scheduler({
    ...{ store, registrar, engine, executions, registry, ...time },
    workflows: {
      contentAt: (...args) => workflows.contentAt(...args),
      // Between its look and its append, another fires the tick and dies; when it looks again, the next tick is due as well.
      load: async (...args) => {
        if (!fired) await registrar.handle(fire(minutes(10)), context)
        fired = true
        time.jumpTo(minutes(20))
        return workflows.load(...args)
      },
    },
    onError: (error) => void fixture.problems.push(error),
  })
  await second.start()
  await second.settled()
  await second.close()
  expect((await executionsOf(workflowId)).map(({ data }) => data.deliveryId)).toEqual([iso(10), iso(20)])
})

describe('restarts and clocks', () => {
  const restart = async (at: number): Promise<void> => {
    const { folder } = fixture
    await fixture.stop()
    time = simulatedTime(at)
    fixture = await openEngineFixture({ time, timezone: 'UTC', folder })
    await runTo(at)
  }
  test('after a stop it goes on; what was missed runs by the policy (n8n: never)', async () => {
    const workflowId = await activate(file([trigger(everyTen, { missedRuns: 'all' })]))
    const once = await activate(file([trigger(everyTen)]))
    await runTo(minutes(15))
    await restart(minutes(45))
    await runTo(minutes(50))
    expect((await firesOf(workflowId)).map(({ tick, reason }) => [tick, reason])).toEqual([
      [iso(10), 'due'],
      ...[20, 30, 40].map((minute) => [iso(minute), 'missed']),
      [iso(50), 'due'],
    ])
    expect(await ticksOf(once)).toEqual([iso(10), iso(40), iso(50)])
  })
  test('a tick that was fired but not begun when the process died is begun by the next one', async () => {
    const workflowId = await activate(file([trigger(everyTen)]))
    await fixture.scheduler.close()
    const command = {
      type: 'FireDueTicks',
      scheduleId: idOf(workflowId),
      now: minutes(10),
      activeVersion: 1,
      endedExecutionId: undefined,
    } as const
    await fixture.registrar.handle(command, context)
    expect(await executionsOf(workflowId)).toHaveLength(0)
    await restart(minutes(11))
    expect((await executionsOf(workflowId)).map(({ data }) => data.deliveryId)).toEqual([iso(10)])
    await restart(minutes(12))
    expect(await executionsOf(workflowId)).toHaveLength(1)
  })
  test('a clock that is set back repeats nothing, one that is set forward is noticed', async () => {
    const workflowId = await activate(file([trigger(everyTen)]))
    await runTo(minutes(20))
    time.jumpTo(minutes(5))
    await runTo(minutes(25))
    expect(await ticksOf(workflowId)).toEqual([iso(10), iso(20)])
    time.jumpTo(minutes(55))
    await runTo(minutes(56))
    expect(await ticksOf(workflowId)).toEqual([iso(10), iso(20), iso(50)])
  })
})

describe('overlap', () => {
  test('queue all: the next begins when the run before has ended', async () => {
    const workflowId = await activate(file([trigger(everyTen, { overlap: 'queueAll' }), waiting]))
    await runTo(minutes(30))
    const [first] = await executionsOf(workflowId)
    expect(await ticksOf(workflowId)).toEqual([iso(10)])
    await vi.waitFor(
      async () => expect((await fixture.executions.view(first!.data.executionId, context.organisationId)).status).toBe('waiting'),
      20_000,
    )
    await fixture.executions.cancel(first!.data.executionId, undefined, context)
    await endedOf(first!.data.executionId)
    await vi.waitFor(async () => expect(await ticksOf(workflowId)).toEqual([iso(10), iso(20)]), 20_000)
  })
  test('cancel previous', async () => {
    const workflowId = await activate(file([trigger(everyTen, { overlap: 'cancelPrevious' }), waiting]))
    await runTo(minutes(20))
    const [first, second] = await executionsOf(workflowId)
    expect((await endedOf(first!.data.executionId)).state.status).toBe('cancelled')
    expect(second?.data.deliveryId).toBe(iso(20))
  })
  test('skip', async () => {
    const workflowId = await activate(file([trigger(everyTen, { overlap: 'skip' }), waiting]))
    await runTo(minutes(30))
    expect(await ticksOf(workflowId)).toEqual([iso(10)])
  })
})

describe('a person', () => {
  test('pauses and resumes', async () => {
    const workflowId = await activate(file([trigger(everyTen)]))
    await fixture.scheduler.schedules.pause(idOf(workflowId), 'maintenance', context)
    await runTo(minutes(25))
    expect(await fixture.scheduler.schedules.next(idOf(workflowId), context.organisationId, 2)).toEqual([])
    await fixture.scheduler.schedules.resume(idOf(workflowId), context)
    expect(await fixture.scheduler.schedules.next(idOf(workflowId), context.organisationId, 2)).toEqual([iso(30), iso(40)])
    await runTo(minutes(30))
    expect(await ticksOf(workflowId)).toEqual([iso(30)])
  })
  test('backfills what did not run; what ran does not run again', async () => {
    const workflowId = await activate(file([trigger(everyTen)]))
    await runTo(minutes(10))
    const range = { backfillId: 'b', from: iso(-20), to: iso(10), again: false }
    await fixture.scheduler.schedules.backfill(idOf(workflowId), range, context)
    await fixture.scheduler.settled()
    const ticks = (await executionsOf(workflowId)).map(({ data }) => data.deliveryId).sort()
    expect(ticks).toEqual([iso(-20), iso(-10), iso(0), iso(10)])
    expect((await eventsOf(workflowId)).at(-1)?.type).toBe('ScheduleBackfillCompleted')
  })
  test('of another organisation finds nothing', async () => {
    const workflowId = await activate(file([trigger(everyTen)]))
    await expect(fixture.scheduler.schedules.next(idOf(workflowId), 'other', 1)).rejects.toMatchObject({ code: 'NOT_FOUND' })
    await expect(
      fixture.scheduler.schedules.pause(idOf(workflowId), undefined, { ...context, organisationId: 'other' }),
    ).rejects.toMatchObject({
      code: 'NOT_FOUND',
    })
  })
})
