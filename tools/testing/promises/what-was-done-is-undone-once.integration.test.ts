import { randomUUID } from 'node:crypto'
import { familyOf, idOf } from '@weconnect/contracts/ids'
import { openEgress } from '@weconnect/http/egress'
import { type EngineFixture, openEngineFixture } from '@weconnect/testing/engine-fixture'
import { manual, type NodeSketch, workflowFile } from '@weconnect/testing/n8n-workflow'
import { killed } from '@weconnect/testing/promises/crash'
import type { CrashOrder } from '@weconnect/testing/promises/crash-process'
import type { CrashPoint } from '@weconnect/testing/promises/dying-log'
import { openProvider, type Provider } from '@weconnect/testing/promises/provider'
import { afterAll, beforeAll, expect, test } from 'vitest'

const rounds = process.env['WECONNECT_LONG'] === '1' ? 50 : 1
const perRound = 4

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

/** Workflows are made, a process dies at the point, and another one goes on: `then` looks at how. */
const round = async (
  point: CrashPoint,
  make: (fixture: EngineFixture) => Promise<string>,
  ask: CrashOrder['ask'],
  then: (fixture: EngineFixture) => Promise<void>,
) => {
  const egress = openEgress({ allowPrivate: true })
  const first = await openEngineFixture({ egress })
  const workflowId = await make(first)
  await first.stop()
  const begin = Array.from({ length: perRound }, () => ({ executionId: randomUUID(), delivery: randomUUID() }))
  const order: CrashOrder = { folder: first.folder, workflowId, begin, point, ...(ask && { ask }) }
  await killed('crash-process.ts', order)
  const fixture = await openEngineFixture({ folder: first.folder, egress })
  try {
    await then(fixture)
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

const points = (['before', 'after'] as const).flatMap((when) =>
  ['StepStarted', 'StepCompleted'].flatMap((type) => ['Refund', 'Unbook'].map((nodeName) => [when, type, nodeName] as const)),
)
test.each(points)(
  `killed with -9 %s the %s of the compensation %s, ${rounds} times: each effect is undone once, the last first`,
  async (when, type, nodeName) => {
    for (let number = 0; number < rounds; number += 1) {
      const point = { when, type, saying: `"${nodeName}"`, nth: 1 + (number % perRound) }
      await round(point, imported(failing()), undefined, async (fixture) => {
        const views = await settled(fixture, 'failed')
        expect(views.length).toBeGreaterThan(0)
        for (const view of views) expect(effectsOf(await deliveryOf(view))).toEqual(['book', 'pay', 'refund', 'unbook'])
      })
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
const cancelPoints = (['before', 'after'] as const).flatMap((when) => [
  [when, 'a child is told', { when, type: 'CancellationRequested', saying: 'called it' }] as const,
  [when, 'the first is cancelled', { when, type: 'ExecutionCancelled' }] as const,
])
test.each(cancelPoints)(
  `killed with -9 while cancelling, %s %s, ${rounds} times: parents and children end, and what the children did is undone once`,
  async (_when, _what, point) => {
    for (let number = 0; number < rounds; number += 1)
      await round({ ...point, nth: 1 }, family, { what: 'cancel', whenAt: 'Call' }, async (fixture) => {
        // Those that the process did not come to ask are asked now.
        for (const view of await executionsOf(fixture))
          if (view.parent === undefined)
            await fixture.executions.cancel(view.executionId, undefined, fixture.context).catch(() => undefined)
        for (const view of await settled(fixture, 'cancelled')) {
          const effects = effectsOf(await deliveryOf(view))
          expect([...effects].sort()).toEqual([...new Set(effects)].sort())
          expect(effects.includes('refund')).toBe(effects.includes('pay'))
          expect(effects.includes('unbook')).toBe(effects.includes('book'))
        }
      })
  },
)
