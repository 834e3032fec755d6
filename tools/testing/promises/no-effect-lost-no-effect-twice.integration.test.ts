import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { familyOf, idOf } from '@weconnect/contracts/ids'
import { openEgress } from '@weconnect/http/egress'
import { type EngineFixture, openEngineFixture } from '@weconnect/testing/engine-fixture'
import { manual, type NodeSketch, setFields, workflowFile } from '@weconnect/testing/n8n-workflow'
import type { CrashOrder, CrashPoint } from '@weconnect/testing/promises/crash-process'
import { openProvider, type Provider } from '@weconnect/testing/promises/provider'
import { afterAll, beforeAll, expect, test } from 'vitest'

const rounds = process.env['WECONNECT_LONG'] === '1' ? 200 : 2
const perRound = 6
const crashProcess = fileURLToPath(new URL('./crash-process.ts', import.meta.url))

let provider: Provider
beforeAll(async () => {
  provider = await openProvider()
})
afterAll(() => provider?.close())

const post = (path: string, options: NodeSketch['options'] = {}): NodeSketch => ({
  type: 'n8n-nodes-base.httpRequest',
  version: 4.2,
  parameters: {
    method: 'POST',
    url: `${provider.url}${path}`,
    sendBody: true,
    specifyBody: 'json',
    jsonBody: `={{ { "delivery": $('Start').item.json.delivery } }}`,
    options: {},
  },
  options,
})

const file = () =>
  workflowFile(
    'Two effects',
    { Start: manual, Keyed: post('/keyed', { afterCrash: 'repeat' }), Plain: post('/plain'), End: setFields({ done: 'yes' }) },
    ['Start -> Keyed', 'Keyed -> Plain', 'Plain -> End'],
  )

/** Runs a process until it is dead. */
const crash = async (order: CrashOrder): Promise<void> => {
  const child = spawn(process.execPath, [crashProcess, JSON.stringify(order)], { stdio: ['ignore', 'ignore', 'inherit'] })
  if (order.point === 'asked') provider.beforeAnswer(`/${order.nodeName.toLowerCase()}`, () => child.kill('SIGKILL'))
  const [, signal] = (await once(child, 'exit')) as [number | null, string | null]
  expect(signal).toBe('SIGKILL')
}

const executionsOf = async ({ journal }: EngineFixture): Promise<readonly string[]> => {
  const events = await journal.readAll({ limit: 100_000 })
  return [...new Set(events.filter(({ stream }) => familyOf(stream) === 'execution').map(({ stream }) => idOf(stream)))]
}

interface Found {
  readonly executionId: string
  readonly delivery: string
  readonly status: string
  readonly steps: readonly number[]
}

const lookAt = async (fixture: EngineFixture): Promise<readonly Found[]> =>
  Promise.all(
    (await executionsOf(fixture)).map(async (executionId) => {
      const view = await fixture.executions.view(executionId, fixture.context.organisationId)
      const delivery = String((await view.input())[0]?.[0]?.json['delivery'])
      const open = view.incidents.filter(({ resolution }) => resolution === undefined)
      expect(open.every(({ nodeName }) => nodeName === 'Plain')).toBe(true)
      return { executionId, delivery, status: view.status, steps: open.map(({ step }) => step) }
    }),
  )

const settled = async (fixture: EngineFixture, statuses: readonly string[]): Promise<readonly Found[]> => {
  let found: readonly Found[] = []
  const isSettled = async () => {
    found = await lookAt(fixture)
    return found.filter(({ status }) => !statuses.includes(status))
  }
  await expect.poll(isSettled, { timeout: 60_000, interval: 50 }).toEqual([])
  return found
}

const effectsOf = (path: string, delivery: string): number =>
  provider.effects.filter((effect) => effect.path === path && effect.delivery === delivery).length

/** A person who can look into the books of the provider. */
const resolve = async ({ executions, context }: EngineFixture, { executionId, delivery, steps }: Found): Promise<void> => {
  const happened = effectsOf('/plain', delivery) > 0
  const answer = happened ? { resolution: 'skip' as const, outputs: [[{ json: { delivery } }]] } : { resolution: 'retry' as const }
  for (const step of steps) await executions.resolveIncident({ executionId, step, ...answer }, context)
}

const round = async (point: CrashPoint, nodeName: string, name: string) => {
  const egress = openEgress({ allowPrivate: true })
  const first = await openEngineFixture({ egress })
  const [{ workflowId } = { workflowId: '' }] = await first.workflows.importWorkflows(file(), first.context)
  await first.stop()
  const deliveries = Array.from({ length: perRound }, (_, index) => `${name}-${index}`)
  await crash({ folder: first.folder, workflowId, point, nodeName, deliveries })
  const fixture = await openEngineFixture({ folder: first.folder, egress })
  try {
    const found = await settled(fixture, ['completed', 'incident'])
    for (const { delivery } of found) expect([delivery, effectsOf('/keyed', delivery)]).toEqual([delivery, 1])
    for (const { delivery } of found) expect(effectsOf('/plain', delivery)).toBeLessThanOrEqual(1)
    const incidents = found.filter(({ status }) => status === 'incident')
    for (const incident of incidents) await resolve(fixture, incident)
    for (const { delivery } of await settled(fixture, ['completed']))
      expect([delivery, effectsOf('/keyed', delivery), effectsOf('/plain', delivery)]).toEqual([delivery, 1, 1])
    expect(await fixture.store.openWork()).toEqual([])
    return { executions: found.length, incidents: incidents.length }
  } finally {
    await fixture.close()
    await egress.close()
  }
}

/** Whether a crash there leaves the plain call in doubt, whatever else was under way. */
const leavesDoubt = (point: CrashPoint, nodeName: string): boolean =>
  nodeName === 'Plain' && (point === 'afterIntent' || point === 'asked' || point === 'beforeOutcome')

const points: readonly CrashPoint[] = ['beforeIntent', 'afterIntent', 'asked', 'beforeOutcome', 'afterOutcome']
test.each(points.flatMap((point) => ['Keyed', 'Plain'].map((nodeName) => [point, nodeName] as const)))(
  `killed with -9 at %s of the %s call, ${rounds} times: no effect is lost, none is there twice, and what is unknown becomes an incident`,
  async (point, nodeName) => {
    let [executions, incidents] = [0, 0]
    for (let number = 0; number < rounds; number += 1) {
      const seen = await round(point, nodeName, `${point}-${nodeName}-${number}`)
      expect(seen.executions).toBeGreaterThan(0)
      if (leavesDoubt(point, nodeName)) expect(seen.incidents).toBeGreaterThan(0)
      executions += seen.executions
      incidents += seen.incidents
    }
    console.log(`${point} ${nodeName}: ${rounds} kills, ${executions} executions, ${incidents} incidents`)
  },
)
