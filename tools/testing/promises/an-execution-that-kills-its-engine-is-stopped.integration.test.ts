import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { type EngineFixture, openEngineFixture } from '@weconnect/testing/engine-fixture'
import { manual, setFields, workflowFile } from '@weconnect/testing/n8n-workflow'
import { bystanderAndKiller } from '@weconnect/testing/promises/bystander-and-killer'
import { killed } from '@weconnect/testing/promises/crash'
import type { KillerOrder } from '@weconnect/testing/promises/killer-process'
import { expect, test } from 'vitest'

const patience = { timeout: 120_000, interval: 50 }
const bystanders = 6
const harmless = async (): Promise<void> => undefined

const file = (name: string, type: string) =>
  workflowFile(name, { Start: manual, Step: { type }, After: setFields({ after: 'yes' }) }, ['Start -> Step', 'Step -> After'])

const imported = async ({ workflows, context }: EngineFixture, name: string): Promise<string> => {
  const [workflow] = await workflows.importWorkflows(file(name, `test.${name}`), context)
  return workflow?.workflowId ?? ''
}

const statusOf = async ({ executions, context }: EngineFixture, executionId: string): Promise<string> =>
  (await executions.view(executionId, context.organisationId)).status

const typesOf = async ({ executions, context }: EngineFixture, executionId: string): Promise<readonly string[]> =>
  (await executions.events(executionId, context.organisationId)).map(({ type }) => type)

/** Of steps that are no effects nothing is written at first: one engine dies before the log knows that it began, and one before it knows at which step it is. */
test.each([
  { effects: 'external' as const, deaths: 3 },
  { effects: 'pure' as const, deaths: 5 },
])(
  'Windmill #5377: a step ($effects) that kills its engine each time is left to a person after $deaths engines; what was beside it goes on',
  async ({ effects, deaths }) => {
    const first = await openEngineFixture({ nodes: bystanderAndKiller(effects, harmless, harmless) })
    const { folder } = first
    const workflowIds = [await imported(first, 'killer'), ...Array(bystanders).fill(await imported(first, 'bystander'))] as string[]
    await first.stop()
    const begin = workflowIds.map((workflowId) => ({ executionId: randomUUID(), workflowId }))
    const [killer = '', ...others] = begin.map(({ executionId }) => executionId)
    for (let death = 1; death <= deaths; death += 1) {
      const isLast = death === deaths
      // The last time it is suspected, as they all are: one at a time goes on.
      const order: KillerOrder = {
        ...{ folder, effects, begin: death === 1 ? begin : [] },
        ...(isLast ? { beside: 0, stepMs: 50 } : { beside: bystanders, stepMs: 60_000 }),
      }
      await killed('killer-process.ts', order)
    }

    let runs = 0
    const run = async (): Promise<void> => {
      runs += 1
    }
    const nodes = bystanderAndKiller(effects, harmless, run)
    const fixture = await openEngineFixture({ folder, nodes })
    try {
      const { executions, context, workflows } = fixture
      await expect.poll(() => statusOf(fixture, killer), patience).toBe('incident')
      expect(runs).toBe(0)
      const { incidents } = await executions.view(killer, context.organisationId)
      expect(incidents).toMatchObject([{ step: 1, nodeName: 'Step', code: 'ENGINE_CRASHED', crashes: 3 }])
      expect(await executions.explain(killer, context.organisationId)).toMatchObject({
        kind: 'incident',
        message: expect.stringContaining('3 times in a row'),
      })

      // The engine is up, and does its work.
      const [workflow] = await workflows.importWorkflows(file('hello', 'test.bystander'), context)
      const { executionId } = await executions.run({ workflowId: workflow?.workflowId ?? '' }, context)
      for (const one of [executionId, ...others]) await expect.poll(() => statusOf(fixture, one), patience).toBe('completed')
      for (const one of others) expect(await typesOf(fixture, one)).not.toContain('IncidentRaised')

      await executions.resolveIncident({ executionId: killer, step: 1, resolution: 'retry' }, context)
      await expect.poll(() => statusOf(fixture, killer), patience).toBe('completed')
      expect(runs).toBe(1)
      expect(await executions.replay(killer, context.organisationId)).toMatchObject({ equal: true })
    } finally {
      await fixture.close()
    }
  },
  300_000,
)

test('stops in peace, however many, blame nobody', async () => {
  let begun = 0
  let isSlow = true
  const bystand = async (signal: AbortSignal): Promise<void> => {
    begun += 1
    if (isSlow) await once(signal, 'abort')
  }
  const nodes = bystanderAndKiller('external', bystand, harmless)
  let fixture = await openEngineFixture({ nodes })
  const { folder } = fixture
  const executionId = randomUUID()
  await fixture.executions.run({ workflowId: await imported(fixture, 'bystander'), executionId }, fixture.context)
  for (let stops = 1; stops <= 5; stops += 1) {
    await expect.poll(() => begun, patience).toBe(stops)
    await fixture.stop()
    isSlow = stops < 5
    fixture = await openEngineFixture({ folder, nodes })
  }
  try {
    await expect.poll(() => statusOf(fixture, executionId), patience).toBe('completed')
    const types = await typesOf(fixture, executionId)
    expect(types.filter((type) => type === 'ExecutionReleased')).toHaveLength(5)
    expect(types).not.toContain('IncidentRaised')
  } finally {
    await fixture.close()
  }
})
