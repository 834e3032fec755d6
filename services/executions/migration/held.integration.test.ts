import { isWeConnectError, WeConnectError } from '@weconnect/contracts/errors'
import type { EventStore } from '@weconnect/eventstore/port'
import { type EngineFixture, openEngineFixture } from '@weconnect/testing/engine-fixture'
import { migrating, simple } from '@weconnect/testing/migrating'
import { setFields } from '@weconnect/testing/n8n-workflow'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { EngineParts } from '../parts.ts'
import { executionStream, readExecution } from '../stream/recorded.ts'
import { settleHeld } from './participants.ts'

let fixture: EngineFixture
beforeEach(async () => {
  fixture = await openEngineFixture()
})
afterEach(() => fixture.close())
const { publish, run, view, becomes, send, equalReplay, request, codes } = migrating(() => fixture)

test('while it is held it begins nothing and hears everything; held for too long, whoever finds it lets go of it', async () => {
  const flow = await publish(simple)
  const [held, cancelled] = [await run(flow.workflowId), await run(flow.workflowId)]
  for (const id of [held, cancelled]) {
    await becomes(id, 'waiting')
    const { state, head, context } = await readExecution(fixture.journal, id)
    const data = { migrationId: crypto.randomUUID(), epoch: state.epoch + 1, until: new Date(Date.now() + 2_000).toISOString() }
    await fixture.journal.append(executionStream(id), head, [{ type: 'ExecutionMigrationPrepared', data }], context)
  }
  await send(held)
  await fixture.executions.cancel(cancelled, undefined, fixture.context)
  expect(await fixture.executions.explain(held, fixture.context.organisationId)).toMatchObject({ kind: 'migrating' })
  expect(await codes({ ...request(flow.workflowId, [held]), toVersion: 1 })).toEqual([['MIGRATING', 'ALREADY_THERE']])
  const types = async (id: string) => (await fixture.executions.events(id, fixture.context.organisationId)).map(({ type }) => type)
  await becomes(held, 'completed')
  await becomes(cancelled, 'cancelled')
  for (const [id, said, begins] of [
    [held, 'SignalReceived', 'StepCompleted'],
    [cancelled, 'CancellationRequested', 'ExecutionCancelled'],
  ] as const) {
    const after = (await types(id)).slice((await types(id)).indexOf('ExecutionMigrationPrepared'))
    expect(after.indexOf('ExecutionMigrationReleased')).toBeGreaterThan(after.indexOf(said))
    expect(after.indexOf(begins)).toBeGreaterThan(after.indexOf('ExecutionMigrationReleased'))
  }
  await equalReplay(held)
})

test('a migration that is not decided while it holds executions can be given up by anybody, and then is', async () => {
  await fixture.close()
  let refuses = true
  const refusing = (store: EventStore): EventStore =>
    new Proxy(store, {
      get: (target, key) => {
        const value: unknown = Reflect.get(target, key)
        if (key !== 'append') return typeof value === 'function' ? value.bind(target) : value
        return async (...[stream, expected, events]: Parameters<EventStore['append']>) => {
          if (refuses && events.some(({ type }) => type === 'MigrationCommitted')) throw new WeConnectError('UNAVAILABLE', 'not now')
          return target.append(stream, expected, events)
        }
      },
    })
  fixture = await openEngineFixture({ store: refusing })
  const flow = await publish(simple)
  const id = await run(flow.workflowId)
  await becomes(id, 'waiting')
  await flow.between('Wait', 'Check', setFields({ checked: 'yes' }), 'Last')
  await flow.publishAgain()
  const { id: migrationId } = await fixture.executions.migrate(request(flow.workflowId, [id]), fixture.context)
  const kind = async () => (await fixture.executions.explain(id, fixture.context.organisationId)).kind
  await expect.poll(kind, { timeout: 60_000 }).toBe('migrating')
  await expect.poll(() => fixture.problems.length, { timeout: 60_000 }).toBe(1)
  await settleHeld({ journal: fixture.journal, worker: 'another' } as unknown as EngineParts, id)
  expect(await kind()).toBe('waiting')
  refuses = false
  expect(fixture.problems.splice(0).every((problem) => isWeConnectError(problem, 'UNAVAILABLE'))).toBe(true)
  const read = () => fixture.executions.migration(migrationId, fixture.context.organisationId)
  await expect.poll(async () => (await read()).status, { timeout: 60_000 }).toBe('abandoned')
  expect((await read()).blockers).toMatchObject([{ executionId: id, code: 'HELD_TOO_LONG' }])
  expect(await view(id)).toMatchObject({ workflowVersion: 1, migrations: [] })
  await send(id)
  await becomes(id, 'completed')
})
