import { isWeConnectError } from '@weconnect/contracts/errors'
import { familyOf, idOf } from '@weconnect/contracts/ids'
import type { ExecutionView } from '@weconnect/executions/view/face'
import { type Egress, openEgress } from '@weconnect/http/egress'
import { type EngineFixture, openEngineFixture } from '@weconnect/testing/engine-fixture'
import { killed } from '@weconnect/testing/promises/crash'
import { lifeOf, type MatrixPoint, matrix, matrixWorkflow } from '@weconnect/testing/promises/crash-matrix'
import { type CrashOrder, type Delivery, pureNode } from '@weconnect/testing/promises/crash-process'
import { openProvider, type Provider } from '@weconnect/testing/promises/provider'
import { recountSlots } from '@weconnect/testing/recount-slots'
import { afterAll, beforeAll, expect, test } from 'vitest'

/** A kill is a SIGKILL of a process that has the engine and its log in it, at the point; four executions of its own are under way, and those that earlier kills left. */
const kills = process.env['WECONNECT_LONG'] === '1' ? 200 : 10
const patience = { timeout: 120_000, interval: 50 }

let provider: Provider
let egress: Egress
beforeAll(async () => {
  provider = await openProvider()
  egress = openEgress({ allowPrivate: true })
})
afterAll(async () => {
  await provider?.close()
  await egress?.close()
})

/** A process that is dead now. */
interface Life extends Pick<CrashOrder, 'begin' | 'ask'> {
  /** What it had been told is durable: `run`, `cancel` or `signal`, and the id of the execution. */
  readonly said: ReadonlySet<string>
}

/** Processes one after the other on the same folder: each takes over what the one before it left, begins executions of its own, and is killed. */
const liveAndDie = async (point: MatrixPoint, folder: string, workflowId: string): Promise<readonly Life[]> => {
  const lives: Life[] = []
  for (let number = 0; number < kills; number += 1) {
    const { death, order } = lifeOf(point, number)
    const { asked } = death
    const killer =
      asked &&
      ((kill: () => void) => provider.beforeAnswer(`/${asked.toLowerCase()}`, kill, `${asked.toLowerCase()} ${order.begin[0]?.delivery}`))
    lives.push({ ...order, said: new Set(await killed('crash-process.ts', { ...order, folder, workflowId }, killer)) })
  }
  return lives
}

/** What a caller does that was not answered: it asks again. What was answered is not asked for again. */
const askAgain = async ({ executions, context }: EngineFixture, workflowId: string, { begin, ask, said }: Life): Promise<void> => {
  for (const { executionId, delivery } of begin) {
    const isThere = (error: unknown): void => {
      if (!isWeConnectError(error, 'REVISION_CONFLICT')) throw error
    }
    if (!said.has(`run ${executionId}`))
      await executions.run({ workflowId, executionId, input: [{ json: { delivery } }] }, context).catch(isThere)
    if (!ask || said.has(`${ask.what} ${executionId}`)) continue
    const hasEnded = (error: unknown): void => {
      if (!isWeConnectError(error, 'INVALID_STATE')) throw error
    }
    if (ask.what === 'cancel') await executions.cancel(executionId, undefined, context).catch(hasEnded)
    else await executions.signal({ executionId, name: 'go', payload: null, signalId: delivery }, context).catch(hasEnded)
  }
}

/** Waits until each open execution is an incident. */
const settled = async ({ store, executions, context }: EngineFixture): Promise<readonly ExecutionView[]> => {
  let incidents: readonly ExecutionView[] = []
  const moving = async (): Promise<readonly string[]> => {
    const open = (await store.openWork()).map(({ stream }) => stream)
    const views = await Promise.all(
      open.filter((stream) => familyOf(stream) === 'execution').map((stream) => executions.view(idOf(stream), context.organisationId)),
    )
    incidents = views.filter(({ status }) => status === 'incident')
    return [
      ...open.filter((stream) => familyOf(stream) !== 'execution'),
      ...views.filter((view) => !incidents.includes(view)).map(({ status }) => status),
    ]
  }
  await expect.poll(moving, patience).toEqual([])
  return incidents
}

const effectsOf = (what: string, delivery: string): number =>
  provider.effects.filter((effect) => effect.delivery === `${what} ${delivery}`).length

/** A person who can look into the books of the provider. */
const resolve = async (
  { executions, context }: EngineFixture,
  { executionId, incidents }: ExecutionView,
  delivery: string,
): Promise<void> => {
  const answer =
    effectsOf('plain', delivery) > 0 ? { resolution: 'skip' as const, outputs: [[{ json: {} }]] } : { resolution: 'retry' as const }
  for (const { step, resolution } of incidents)
    if (resolution === undefined) await executions.resolveIncident({ executionId, step, ...answer }, context)
}

/** Each effect of an execution that came to its end is there once, and of one that was cancelled is undone once. */
const expectEffects = (status: string, delivery: string): void => {
  const [keyed, plain, after, undo] = ['keyed', 'plain', 'after', 'undo'].map((what) => effectsOf(what, delivery))
  if (status === 'completed') expect({ delivery, keyed, plain, after, undo }).toEqual({ delivery, keyed: 1, plain: 1, after: 1, undo: 0 })
  else
    expect({ delivery, status, undo, after, isTwice: keyed! > 1 || plain! > 1 }).toEqual({
      delivery,
      status: 'cancelled',
      undo: keyed,
      after: 0,
      isTwice: false,
    })
}

/** Another process takes over, and it all comes out right. @returns incidents that there were */
const judge = async (point: MatrixPoint, folder: string, workflowId: string, lives: readonly Life[]): Promise<number> => {
  const fixture = await openEngineFixture({ folder, egress, nodes: [pureNode()] })
  try {
    const deliveries = new Map(lives.flatMap(({ begin }) => begin).map((one: Delivery) => [one.executionId, one.delivery]))
    for (const life of lives) await askAgain(fixture, workflowId, life)
    const incidents = await settled(fixture)
    for (const { incidents: own } of incidents) expect(own.every(({ nodeName }) => nodeName === 'Plain')).toBe(true)
    // They are killed, and kill nobody: however often, none is stopped for it.
    expect(incidents.flatMap(({ incidents: own }) => own.filter(({ crashes }) => crashes !== undefined))).toEqual([])
    for (const delivery of deliveries.values())
      for (const what of ['keyed', 'plain', 'after', 'undo']) expect(effectsOf(what, delivery)).toBeLessThanOrEqual(1)
    for (const view of incidents) await resolve(fixture, view, deliveries.get(view.executionId) ?? '')
    expect(await settled(fixture)).toEqual([])
    for (const [executionId, delivery] of deliveries) {
      const { status } = await fixture.executions.view(executionId, fixture.context.organisationId)
      if (!lives[0]?.ask || lives[0].ask.what === 'signal') expect(status).toBe('completed')
      expectEffects(status, delivery)
    }
    const slots = await recountSlots(fixture.journal)
    expect([...slots.problems, ...[...slots.held.values()].flat()]).toEqual([])
    expect(slots.held.size > 0).toBe(point.flowControl !== undefined)
    return incidents.length
  } finally {
    await fixture.close()
  }
}

test.each(matrix)(
  `killed with -9 $name, ${kills} times: no effect is lost, none is there twice, and what is unknown becomes an incident`,
  async (point) => {
    const first = await openEngineFixture({ nodes: [pureNode()] })
    const { folder } = first
    const [{ workflowId } = { workflowId: '' }] = await first.workflows.importWorkflows(matrixWorkflow(provider.url, point), first.context)
    await first.stop()
    const began = performance.now()
    const lives = await liveAndDie(point, folder, workflowId)
    const killedMs = performance.now() - began
    const incidents = await judge(point, folder, workflowId, lives)
    // Every second one is killed at the call of which nobody knows.
    if (point.leavesDoubt) expect(incidents).toBeGreaterThanOrEqual(kills / 2)
    const executions = lives.flatMap(({ begin }) => begin).length
    console.log(`${point.name}: ${kills} kills in ${Math.round(killedMs)} ms, ${executions} executions, ${incidents} incidents`)
  },
)
