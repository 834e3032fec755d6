import { type EngineFixture, openEngineFixture } from '@weconnect/testing/engine-fixture'
import { ifTrue, manual, noOp, setFields, workflowFile } from '@weconnect/testing/n8n-workflow'
import { afterAll, beforeAll, expect, test } from 'vitest'

const steps = process.env['WECONNECT_LONG'] === '1' ? 100_000 : 10_000
const rounds = steps / 2
/** The process also writes the log, and the collector takes its time. A step leaves its entry in the folded state behind, not its items. */
const mayGrowBytes = 200 * 1024 * 1024 + steps * 2 * 1024

const loop = workflowFile(
  'A long loop',
  {
    Start: manual,
    Begin: setFields({ n: '0', text: 'x'.repeat(500) }),
    Add: setFields({ n: '={{ Number($json.n) + 1 }}' }),
    More: ifTrue(`={{ Number($json.n) < ${rounds} }}`),
    Done: noOp,
  },
  ['Start -> Begin', 'Begin -> Add', 'Add -> More', 'More -> Add', 'More:1 -> Done'],
  { executionOrder: 'v1', maxSteps: 2 * steps },
)

let fixture: EngineFixture
beforeAll(async () => {
  fixture = await openEngineFixture()
})
afterAll(() => fixture?.close())

interface Sample {
  readonly step: number
  readonly atMs: number
  readonly rss: number
}

/** Looks at the process whenever the log has got another tenth of the steps. */
const sampled = async (executionId: string): Promise<readonly Sample[]> => {
  const samples: Sample[] = []
  for await (const events of fixture.store.subscribe({ after: 'start', stream: `execution-${executionId}` })) {
    const last = events.at(-1)
    const step = Math.floor((last?.revision ?? 0) / (steps / 10))
    if (step >= samples.length) samples.push({ step: last?.revision ?? 0, atMs: performance.now(), rss: process.memoryUsage().rss })
    if (last?.type === 'ExecutionCompleted' || last?.type === 'ExecutionFailed') break
  }
  return samples
}

test(`a loop of ${steps} steps takes linear time and flat memory, ends right, and its replay is equal`, async () => {
  const { workflowId } = (await fixture.workflows.importWorkflows(loop, fixture.context))[0]!
  const began = performance.now()
  const rssBefore = process.memoryUsage().rss
  const { executionId } = await fixture.executions.run({ workflowId }, fixture.context)
  const samples = await sampled(executionId)
  const end = samples.at(-1)!
  const middle = samples[Math.floor(samples.length / 2)]!
  const first = (middle.atMs - began) / middle.step
  const second = (end.atMs - middle.atMs) / (end.step - middle.step)
  const growth = Math.max(...samples.map(({ rss }) => rss)) - rssBefore
  console.log(
    `${steps} steps in ${Math.round(end.atMs - began)} ms; ms per step: first half ${first.toFixed(3)}, second half ${second.toFixed(3)}; ` +
      `memory grew by ${Math.round(growth / 1024 / 1024)} MiB`,
  )
  expect(growth).toBeLessThan(mayGrowBytes)

  const view = await fixture.executions.view(executionId, fixture.context.organisationId)
  expect(view.status).toBe('completed')
  expect(view.steps).toHaveLength(2 * rounds + 3)
  expect((await view.output())[0]?.[0]?.json['n']).toBe(String(rounds))
  const report = await fixture.executions.replay(executionId, fixture.context.organisationId)
  console.log(`replayed ${report.events} events in ${Math.round(report.durationMs)} ms`)
  expect(report).toMatchObject({ equal: true, foldEqual: true, steps: 2 * rounds + 3 })
})
