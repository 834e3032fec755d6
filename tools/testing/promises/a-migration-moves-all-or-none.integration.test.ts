import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { familyOf, idOf } from '@weconnect/contracts/ids'
import type { MigrationRequest } from '@weconnect/executions/migration/face'
import type { WorkflowCommand } from '@weconnect/workflows/commands'
import { afterAll, afterEach, expect, test, vi } from 'vitest'
import { type EngineFixture, openEngineFixture } from '../engine-fixture.ts'
import { ifTrue, manual, setFields, workflowFile } from '../n8n-workflow.ts'
import type { MigrationCrash, MigrationCrashOrder } from './migration-crash-process.ts'

const crashProcess = fileURLToPath(new URL('./migration-crash-process.ts', import.meta.url))
const isLong = process.env['WECONNECT_LONG'] === '1'
/** More than are held or moved between two marks of how far it is. */
const count = isLong ? 260 : 52
const patience = { timeout: 60_000, interval: 50 }

let fixture: EngineFixture | undefined
const folders: string[] = []
afterEach(() => fixture?.close())
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true })
})

const signal = { type: 'weconnect.waitForSignal', parameters: { name: 'go' } }
const file = workflowFile(
  'moves',
  { Start: manual, If: ifTrue('={{ $json.n >= 0 }}'), Wait: signal, Other: signal, Last: setFields({ version: '1' }) },
  ['Start -> If', 'If -> Wait', 'If:1 -> Other', 'Wait -> Last', 'Other -> Last'],
)

interface Waiting {
  /** Of a log whose process has ended. */
  readonly folder: string
  readonly request: MigrationRequest
}

/** Executions that wait on version 1 of a workflow whose version 2 says so, and lacks the node at which one of them may stand. */
const waiting = async (withOneThatCannot: boolean): Promise<Waiting> => {
  const { folder, workflows, executions, context, stop } = await openEngineFixture()
  folders.push(folder)
  const [report] = await workflows.importWorkflows(file, context)
  const { workflowId, workflow } = report!
  const { organisationId } = context
  const handle = (command: object) => workflows.handle({ ...command, workflowId, organisationId } as WorkflowCommand, context)
  const idOfNode = (name: string) => workflow.nodes.find((node) => node.name === name)?.nodeId
  await handle({ type: 'PublishWorkflow' })
  const numbers = Array.from({ length: count }, (_, n) => (n === count - 1 && withOneThatCannot ? -1 : n))
  const runs = numbers.map((n) => executions.run({ workflowId, version: 1, input: [{ json: { n } }] }, context))
  const executionIds = (await Promise.all(runs)).map(({ executionId }) => executionId)
  for (const id of executionIds)
    await vi.waitFor(async () => expect((await executions.view(id, organisationId)).status).toBe('waiting'), patience)
  await handle({ type: 'ConfigureNode', nodeId: idOfNode('Last'), parameters: setFields({ version: '2' }).parameters })
  await handle({ type: 'RemoveNode', nodeId: idOfNode('Other') })
  await handle({ type: 'PublishWorkflow' })
  await stop()
  return { folder, request: { workflowId, executionIds, nodes: [], toVersion: 2 } }
}
let [movable, withOne]: (Waiting | undefined)[] = []
/** The same log for each point. */
const copied = async (withOneThatCannot: boolean): Promise<Waiting> => {
  if (withOneThatCannot) withOne ??= await waiting(true)
  else movable ??= await waiting(false)
  const { folder, request } = (withOneThatCannot ? withOne : movable)!
  const copy = mkdtempSync(join(tmpdir(), 'weconnect-migration-'))
  cpSync(folder, copy, { recursive: true })
  return { folder: copy, request }
}

const crash = async (order: MigrationCrashOrder): Promise<void> => {
  const child = spawn(process.execPath, [crashProcess, JSON.stringify(order)], { stdio: ['ignore', 'ignore', 'pipe'] })
  let said = ''
  child.stderr.on('data', (text: Buffer) => {
    said += text.toString()
  })
  const [, killedBy] = await once(child, 'exit')
  expect(killedBy, said).toBe('SIGKILL')
}

const isDecided = async ({ store, executions, context }: EngineFixture, id: string) => {
  const rows = await store.openWork()
  expect(rows.filter(({ stream }) => familyOf(stream) === 'migration')).toEqual([])
  return (await executions.migration(id, context.organisationId)).status
}

/** Kills the process of a migration with -9, starts another one on its log, and lets every execution finish. @returns how it was decided */
const killedAt = async (point: MigrationCrash, withOneThatCannot = false) => {
  const { folder, request } = await copied(withOneThatCannot)
  const ids = request.executionIds
  await crash({ folder, request, crash: point })
  fixture = await openEngineFixture({ folder })
  const { executions, context, store } = fixture
  const { organisationId } = context
  const migrationId = idOf((await store.openWork()).find(({ stream }) => familyOf(stream) === 'migration')?.stream ?? 'migration-')
  await vi.waitFor(() => isDecided(fixture!, migrationId), patience)
  const decided = await executions.migration(migrationId, organisationId)
  const version = decided.status === 'completed' ? 2 : 1
  for (const executionId of ids) {
    expect(await executions.view(executionId, organisationId)).toMatchObject({ status: 'waiting', workflowVersion: version })
    expect((await executions.explain(executionId, organisationId)).kind).toBe('waiting')
  }
  await Promise.all(ids.map((executionId) => executions.signal({ executionId, name: 'go', payload: null }, context)))
  for (const executionId of ids) {
    const ended = async () => expect((await executions.view(executionId, organisationId)).status).toBe('completed')
    await vi.waitFor(ended, patience)
    const { output } = await executions.view(executionId, organisationId)
    expect((await output())[0]?.[0]?.json['version']).toBe(String(version))
  }
  for (const executionId of [ids[0]!, ids[count - 1]!])
    expect(await executions.replay(executionId, organisationId)).toMatchObject({ equal: true })
  return decided
}

/** Of the points, those that are tried each time; all of them with WECONNECT_LONG. */
const tried = (points: readonly MigrationCrash[], ...each: readonly number[]) => points.filter((_, index) => isLong || each.includes(index))

const moving: readonly MigrationCrash[] = [
  { type: 'ExecutionMigrationPrepared', when: 'before', nth: 1 },
  { type: 'ExecutionMigrationPrepared', when: 'after', nth: 17 },
  { type: 'MigrationProgressed', when: 'after', nth: 1 },
  { type: 'ExecutionMigrationPrepared', when: 'after', nth: count },
  { type: 'MigrationCommitted', when: 'before', nth: 1 },
  { type: 'MigrationCommitted', when: 'after', nth: 1 },
  { type: 'ExecutionMigrated', when: 'before', nth: 1 },
  { type: 'ExecutionMigrated', when: 'after', nth: 23 },
  { type: 'ExecutionMigrated', when: 'after', nth: count },
  { type: 'MigrationCompleted', when: 'before', nth: 1 },
]
test.each(tried(moving, 1, 4, 7))(
  'killed with -9 $when $type ($nth): all of them move, and each finishes on the other version',
  async (point) => {
    expect(await killedAt(point)).toMatchObject({ status: 'completed', total: count })
  },
  120_000,
)

const releasing: readonly MigrationCrash[] = [
  { type: 'ExecutionMigrationPrepared', when: 'after', nth: 17 },
  { type: 'MigrationAbandoned', when: 'before', nth: 1 },
  { type: 'MigrationAbandoned', when: 'after', nth: 1 },
  { type: 'ExecutionMigrationReleased', when: 'after', nth: 23 },
  { type: 'MigrationCompleted', when: 'before', nth: 1 },
]
test.each(tried(releasing, 3))(
  'one cannot move, killed with -9 $when $type ($nth): none moves, and each finishes on its own version',
  async (point) => {
    const { status, blockers } = await killedAt(point, true)
    expect({ status, codes: blockers.map(({ code }) => code) }).toEqual({ status: 'abandoned', codes: ['WAITING_NODE_NOT_MAPPED'] })
  },
  120_000,
)
