import type { JsonObject } from '@weconnect/contracts/json'
import { startTestInstance, type TestInstance } from '@weconnect/testing/gateway-fixture'
import { type SimulatedTime, simulatedTime } from '@weconnect/testing/simulated-time'
import { afterAll, beforeAll, expect, test } from 'vitest'

const begin = Date.parse('2026-05-04T08:00:00Z')
let time: SimulatedTime
let instance: TestInstance
let id: string
let workflowId: string
beforeAll(async () => {
  time = simulatedTime(begin)
  instance = await startTestInstance({ time })
  const json = { name: 'Hourly report', settings: { timezone: 'Europe/Berlin' }, connections: {}, nodes: [trigger] }
  const imported = await instance.graphql('mutation ($json: JSON!) { importWorkflow(json: $json) { workflows { workflow { id } } } }', {
    json,
  })
  workflowId = imported.data.importWorkflow.workflows[0].workflow.id
  const activated = await instance.graphql('mutation ($id: ID!) { activateWorkflow(workflowId: $id) { position } }', { id: workflowId })
  const listed = await instance.graphql(
    `query ($atLeast: Position) { schedules(atLeast: $atLeast) { totalCount edges { node { id } } } }`,
    {
      atLeast: activated.data.activateWorkflow.position,
    },
  )
  expect(listed.data.schedules.totalCount).toBe(1)
  id = listed.data.schedules.edges[0].node.id
})
afterAll(() => instance?.close())

const trigger: JsonObject = {
  parameters: { rule: { interval: [{ field: 'cronExpression', expression: '0 * * * *' }] }, options: { overlap: 'skip' } },
  ...{ id: 'clock', name: 'Clock', type: 'n8n-nodes-base.scheduleTrigger', typeVersion: 1.2, position: [0, 0] },
}
const fields =
  'name version description cronExpression timezone overlap missed isActive isPaused pauseNote nextExecution lastExecution lastExecutionId executionCount next(count: 3) workflow { name }'
const ask = async (query: string, variables: object = {}) => {
  const { data, errors } = await instance.graphql(query, { id, ...variables })
  expect(errors).toEqual([])
  return data
}
const runTo = (hours: number) => time.runTo(begin + hours * 3_600_000, () => instance.scheduler.settled())

test('a schedule says when it is due, and what it did', async () => {
  expect((await ask(`query ($id: ID!) { schedule(id: $id) { ${fields} } }`)).schedule).toEqual({
    ...{ name: 'Clock', version: 1, description: 'cron 0 * * * *', cronExpression: '0 * * * *', timezone: 'Europe/Berlin' },
    ...{ overlap: 'skip', missed: 'one', isActive: true, isPaused: false, pauseNote: null },
    ...{ nextExecution: '2026-05-04T09:00:00.000Z', lastExecution: null, lastExecutionId: null, executionCount: 0 },
    next: ['2026-05-04T09:00:00.000Z', '2026-05-04T10:00:00.000Z', '2026-05-04T11:00:00.000Z'],
    workflow: { name: 'Hourly report' },
  })
  await runTo(1)
  const position = await ask(
    'mutation ($id: ID!) { resumeSchedule(id: $id) { position schedule { lastExecution lastExecutionId executionCount nextExecution } } }',
  )
  const { schedule } = position.resumeSchedule
  expect(schedule).toMatchObject({
    lastExecution: '2026-05-04T09:00:00.000Z',
    executionCount: 1,
    nextExecution: '2026-05-04T10:00:00.000Z',
  })
  const { execution } = await ask('query ($execution: ID!) { execution(id: $execution) { triggerType workflowId } }', {
    execution: schedule.lastExecutionId,
  })
  expect(execution).toEqual({ triggerType: 'schedule', workflowId })
})
test('pause, resume and backfill', async () => {
  const paused = await ask(
    'mutation ($id: ID!) { pauseSchedule(id: $id, note: "stocktaking") { schedule { isPaused pauseNote nextExecution next } } }',
  )
  expect(paused.pauseSchedule.schedule).toEqual({ isPaused: true, pauseNote: 'stocktaking', nextExecution: null, next: [] })
  await runTo(3.5)
  const resumed = await ask('mutation ($id: ID!) { resumeSchedule(id: $id) { schedule { isPaused executionCount nextExecution } } }')
  expect(resumed.resumeSchedule.schedule).toEqual({ isPaused: false, executionCount: 1, nextExecution: '2026-05-04T12:00:00.000Z' })
  const range = { from: '2026-05-04T09:00:00Z', to: '2026-05-04T12:30:00+01:00' }
  const asked = 'mutation ($id: ID!, $from: DateTime!, $to: DateTime!) { backfillSchedule(id: $id, from: $from, to: $to) { position } }'
  const { backfillSchedule } = await ask(asked, range)
  expect(backfillSchedule.position).toBeTypeOf('string')
  const wanted = 3
  for (;;) {
    await instance.scheduler.settled()
    const { schedule } = await ask('query ($id: ID!) { schedule(id: $id) { executionCount } }')
    if (schedule.executionCount === 1 + wanted) break
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
  // Read models follow the log a moment later.
  const listed = 'query ($w: ID!) { executions(filter: { workflowId: $w, triggerType: [schedule] }, first: 10) { totalCount } }'
  await expect.poll(async () => (await ask(listed, { w: workflowId })).executions.totalCount, { timeout: 60_000 }).toBe(3)
})
test('what cannot be, and who may not', async () => {
  const future = { from: '2027-01-01T00:00:00Z', to: '2027-01-02T00:00:00Z' }
  const asked = 'mutation ($id: ID!, $from: DateTime!, $to: DateTime!) { backfillSchedule(id: $id, from: $from, to: $to) { position } }'
  expect((await instance.graphql(asked, { id, ...future })).errors[0]?.extensions.code).toBe('INVALID_INPUT')
  const unknown = await instance.graphql('{ schedule(id: "00000000-0000-4000-8000-000000000009") { id } }')
  expect(unknown.errors[0]?.extensions.code).toBe('NOT_FOUND')
  expect((await instance.graphql('{ schedules { totalCount } }', {}, null)).errors[0]?.extensions.code).toBe('UNAUTHENTICATED')
})
