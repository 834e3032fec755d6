import { randomUUID } from 'node:crypto'
import { familyOf, idOf } from '@weconnect/contracts/ids'
import { type EngineFixture, openEngineFixture } from '@weconnect/testing/engine-fixture'
import { manual, noOp, workflowFile } from '@weconnect/testing/n8n-workflow'
import { killed } from '@weconnect/testing/promises/crash'
import { expect, test } from 'vitest'

const rounds = process.env['WECONNECT_LONG'] === '1' ? 200 : 1

const file = workflowFile(
  'Only what is new',
  {
    Start: manual,
    Seen: {
      type: 'n8n-nodes-base.removeDuplicates',
      version: 2,
      parameters: { operation: 'removeItemsSeenInPreviousExecutions', dedupeValue: '={{ $json.delivery }}' },
    },
    New: noOp,
  },
  ['Start -> Seen', 'Seen -> New'],
)

const executionsOf = async ({ journal }: EngineFixture): Promise<readonly string[]> => {
  const events = await journal.readAll({ limit: 100_000 })
  return [...new Set(events.filter(({ stream }) => familyOf(stream) === 'execution').map(({ stream }) => idOf(stream)))]
}

/** What came to an execution, and what it took for new. */
const lookAt = async ({ executions, context }: EngineFixture, executionId: string) => {
  const view = await executions.view(executionId, context.organisationId)
  const deliveries = (items: Awaited<ReturnType<typeof view.input>>[number]) => (items ?? []).map(({ json }) => String(json['delivery']))
  const seen = view.steps.find(({ nodeName }) => nodeName === 'Seen')
  const [isNew = []] = seen ? await seen.output() : []
  return { status: view.status, came: deliveries((await view.input())[0] ?? []), isNew: deliveries(isNew) }
}

const settled = async (fixture: EngineFixture) => {
  const open = async () =>
    (await Promise.all((await executionsOf(fixture)).map((id) => lookAt(fixture, id)))).filter(({ status }) => status !== 'completed')
  await expect.poll(open, { timeout: 60_000, interval: 50 }).toEqual([])
  return Promise.all((await executionsOf(fixture)).map((id) => lookAt(fixture, id)))
}

const points = (['before', 'after'] as const).flatMap((when) =>
  ['StepStarted', 'ItemsRemembered', 'StepCompleted'].map((type) => [when, type] as const),
)
test.each(points)(
  `killed with -9 %s the %s of the node, ${rounds} times: each value is new in exactly one execution`,
  async (when, type) => {
    const point = { when, type, nth: 1, ...(type.startsWith('Step') && { saying: '"Seen"' }) }
    for (let round = 0; round < rounds; round += 1) {
      const first = await openEngineFixture()
      const [{ workflowId } = { workflowId: '' }] = await first.workflows.importWorkflows(file, first.context)
      await first.stop()
      const begin = ['a', 'b', 'a', 'c', 'b', 'a'].map((delivery) => ({ executionId: randomUUID(), delivery }))
      await killed('crash-process.ts', { folder: first.folder, workflowId, point, begin })
      const fixture = await openEngineFixture({ folder: first.folder })
      try {
        const found = await settled(fixture)
        expect(found.length).toBeGreaterThan(0)
        const came = new Set(found.flatMap((execution) => execution.came))
        expect(found.flatMap(({ isNew }) => isNew).toSorted()).toEqual([...came].toSorted())
        expect(await fixture.store.openWork()).toEqual([])
      } finally {
        await fixture.close()
      }
    }
  },
)
