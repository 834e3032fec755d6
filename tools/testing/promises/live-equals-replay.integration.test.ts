import { randomUUID } from 'node:crypto'
import type { Item } from '@weconnect/contracts/items'
import { type EngineFixture, openEngineFixture } from '@weconnect/testing/engine-fixture'
import { type RandomCase, randomCase, spyType } from '@weconnect/testing/promises/random-workflow'
import { testNode } from '@weconnect/testing/test-nodes'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'

const numRuns = process.env['WECONNECT_LONG'] === '1' ? 2_000 : 100

/** What spies saw while the execution ran: the items of each run, by node and run. */
let seen = new Map<string, readonly Item[]>()
const spy = testNode(spyType, 'pure', async (context) => {
  const items = await context.items()
  const key = `${context.node.name}/${context.runIndex}`
  // Only the live run counts; a replay comes later.
  if (!seen.has(key)) seen.set(key, structuredClone(items))
  return [items]
})

let fixture: EngineFixture
beforeAll(async () => {
  fixture = await openEngineFixture({ nodes: [spy] })
})
afterAll(() => fixture?.close())

const runLive = async ({ file, items }: RandomCase) => {
  const { workflowId } = (await fixture.workflows.importWorkflows(file, fixture.context))[0]!
  const { revision } = await fixture.workflows.load(workflowId, fixture.context.organisationId)
  const executionId = randomUUID()
  const { ended } = fixture.engine.execute({
    executionId,
    workflowId,
    workflowVersion: 0,
    workflowRevision: revision,
    trigger: 'manual',
    input: [items],
    context: fixture.context,
  })
  return { executionId, end: await ended }
}

test(`of ${numRuns} random workflows, the folded stream is what was seen live, and its replay is equal`, async () => {
  const statuses: string[] = []
  let steps = 0
  await fc.assert(
    fc.asyncProperty(randomCase, async (random) => {
      seen = new Map()
      const { executionId, end } = await runLive(random)
      const live = seen
      const view = await fixture.executions.view(executionId, fixture.context.organisationId)
      expect(view.status).toBe(end.kind)
      if (end.kind === 'completed') expect(await view.output()).toEqual(end.outputs)
      const spied = view.steps.filter(({ nodeType }) => nodeType === spyType)
      expect(spied.map(({ nodeName, runIndex }) => `${nodeName}/${runIndex}`).sort()).toEqual([...live.keys()].sort())
      for (const step of spied) expect((await step.input())[0]).toEqual(live.get(`${step.nodeName}/${step.runIndex}`))
      const report = await fixture.executions.replay(executionId, fixture.context.organisationId)
      expect(report).toMatchObject({ equal: true, foldEqual: true, differences: [], steps: view.steps.length })
      statuses.push(view.status)
      steps += view.steps.length
    }),
    { numRuns, endOnFailure: false },
  )
  console.log(`${statuses.length} executions, ${steps} steps, ended as ${[...new Set(statuses)].join(', ')}`)
  expect(steps).toBeGreaterThan(numRuns * 2)
})
