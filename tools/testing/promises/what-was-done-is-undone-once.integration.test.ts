import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { familyOf, idOf } from '@weconnect/contracts/ids'
import { openEgress } from '@weconnect/http/egress'
import { type EngineFixture, openEngineFixture } from '@weconnect/testing/engine-fixture'
import { manual, type NodeSketch, workflowFile } from '@weconnect/testing/n8n-workflow'
import type { CancelPoint, CrashOrder, CrashPoint } from '@weconnect/testing/promises/crash-process'
import { openProvider, type Provider } from '@weconnect/testing/promises/provider'
import { afterAll, beforeAll, expect, test } from 'vitest'

const rounds = process.env['WECONNECT_LONG'] === '1' ? 50 : 1
const perRound = 4
const crashProcess = fileURLToPath(new URL('./crash-process.ts', import.meta.url))

let provider: Provider
beforeAll(async () => {
  provider = await openProvider()
})
afterAll(() => provider?.close())

const post = (what: string, options: NodeSketch['options'] = {}): NodeSketch => ({
  type: 'n8n-nodes-base.httpRequest',
  version: 4.2,
  parameters: {
    method: 'POST',
    url: `${provider.url}/keyed`,
    sendBody: true,
    specifyBody: 'json',
    jsonBody: `={{ { "delivery": "${what} " + $('Start').first().json.delivery } }}`,
    options: {},
  },
  options: { afterCrash: 'repeat', ...options },
})
const acts = () => ({
  Start: manual,
  Book: post('book', { compensation: 'Unbook' }),
  Pay: post('pay', { compensation: 'Refund' }),
  Unbook: post('unbook'),
  Refund: post('refund'),
})
const failing = () =>
  workflowFile(
    'fails',
    { ...acts(), Fail: { type: 'n8n-nodes-base.stopAndError', parameters: { errorType: 'errorMessage', errorMessage: 'no' } } },
    ['Start -> Book', 'Book -> Pay', 'Pay -> Fail'],
  )
const wait = { type: 'n8n-nodes-base.wait', version: 1.1, parameters: { amount: 1, unit: 'days' } }

const crash = async (order: CrashOrder): Promise<void> => {
  const child = spawn(process.execPath, [crashProcess, JSON.stringify(order)], { stdio: ['ignore', 'ignore', 'inherit'] })
  const [, signal] = (await once(child, 'exit')) as [number | null, string | null]
  expect(signal).toBe('SIGKILL')
}
const executionsOf = async ({ journal, executions, context }: EngineFixture) => {
  const events = await journal.readAll({ limit: 100_000 })
  const ids = [...new Set(events.filter(({ stream }) => familyOf(stream) === 'execution').map(({ stream }) => idOf(stream)))]
  return Promise.all(ids.map((id) => executions.view(id, context.organisationId)))
}
const settled = async (fixture: EngineFixture, status: string) => {
  const open = async () => (await executionsOf(fixture)).map((view) => view.status).filter((each) => each !== status)
  await expect.poll(open, { timeout: 60_000, interval: 50 }).toEqual([])
  expect(await fixture.store.openWork()).toEqual([])
  return executionsOf(fixture)
}
const effectsOf = (delivery: string): readonly string[] =>
  provider.effects.filter((effect) => effect.delivery.endsWith(` ${delivery}`)).map((effect) => effect.delivery.split(' ', 1)[0] ?? '')

const round = async (
  point: CrashPoint,
  nodeName: string,
  file: (fixture: EngineFixture) => Promise<string>,
  status: string,
  name: string,
) => {
  const egress = openEgress({ allowPrivate: true })
  const first = await openEngineFixture({ egress })
  const workflowId = await file(first)
  await first.stop()
  const deliveries = Array.from({ length: perRound }, (_, index) => `${name}-${index}`)
  await crash({ folder: first.folder, workflowId, point, nodeName, deliveries })
  const fixture = await openEngineFixture({ folder: first.folder, egress })
  try {
    return await settled(fixture, status)
  } finally {
    await fixture.close()
    await egress.close()
  }
}
const imported =
  (content: object) =>
  async ({ workflows, context }: EngineFixture) =>
    (await workflows.importWorkflows(content as never, context))[0]!.workflowId
const deliveryOf = async (view: Awaited<ReturnType<typeof executionsOf>>[number]): Promise<string> =>
  String((await view.input())[0]?.[0]?.json['delivery'])

const points: readonly CrashPoint[] = ['beforeIntent', 'afterIntent', 'beforeOutcome', 'afterOutcome']
test.each(points.flatMap((point) => ['Refund', 'Unbook'].map((nodeName) => [point, nodeName] as const)))(
  `killed with -9 at %s of the compensation %s, ${rounds} times: each effect is undone once, the last first`,
  async (point, nodeName) => {
    for (let number = 0; number < rounds; number += 1) {
      const views = await round(point, nodeName, imported(failing()), 'failed', `${point}-${nodeName}-${number}`)
      expect(views.length).toBeGreaterThan(0)
      for (const view of views) expect(effectsOf(await deliveryOf(view))).toEqual(['book', 'pay', 'refund', 'unbook'])
    }
  },
)

/** Calls a workflow that has done something and waits. */
const family = async (fixture: EngineFixture): Promise<string> => {
  const trigger = { type: 'n8n-nodes-base.executeWorkflowTrigger', version: 1 }
  const child = await imported(
    workflowFile('child', { ...acts(), Start: trigger, Wait: wait }, ['Start -> Book', 'Book -> Pay', 'Pay -> Wait']),
  )(fixture)
  const parameters = { workflowId: { __rl: true, mode: 'id', value: child }, options: {} }
  const call = { type: 'n8n-nodes-base.executeWorkflow', version: 1.2, parameters }
  return imported(workflowFile('parent', { Start: manual, Call: call }, ['Start -> Call']))(fixture)
}
const cancelPoints: readonly CancelPoint[] = ['beforeChildIsTold', 'afterChildIsTold', 'beforeCancelled', 'afterCancelled']
test.each(cancelPoints)(
  `killed with -9 while cancelling, %s, ${rounds} times: parents and children end, and what the children did is undone once`,
  async (point) => {
    for (let number = 0; number < rounds; number += 1) {
      const name = `${point}-${number}`
      const egress = openEgress({ allowPrivate: true })
      const first = await openEngineFixture({ egress })
      const workflowId = await family(first)
      await first.stop()
      const deliveries = Array.from({ length: perRound }, (_, index) => `${name}-${index}`)
      await crash({ folder: first.folder, workflowId, point, nodeName: 'Call', deliveries })
      const fixture = await openEngineFixture({ folder: first.folder, egress })
      try {
        // Those that the process did not come to ask are asked now.
        for (const view of await executionsOf(fixture))
          if (view.parent === undefined)
            await fixture.executions.cancel(view.executionId, undefined, fixture.context).catch(() => undefined)
        await settled(fixture, 'cancelled')
        for (const delivery of deliveries) {
          const effects = effectsOf(delivery)
          expect([...effects].sort()).toEqual([...new Set(effects)].sort())
          expect(effects.includes('refund')).toBe(effects.includes('pay'))
          expect(effects.includes('unbook')).toBe(effects.includes('book'))
        }
      } finally {
        await fixture.close()
        await egress.close()
      }
    }
  },
)
