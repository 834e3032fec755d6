import { expect, test } from 'vitest'
import { type SimulationReport, simulate } from './simulate.ts'

const isLong = process.env['WECONNECT_LONG'] === '1'
/** One story, told again: `WECONNECT_SEED=123 ./weconnect test tools/testing/simulation`. */
const only = process.env['WECONNECT_SEED']
const seeds = only === undefined ? Array.from({ length: isLong ? 50_000 : 2_000 }, (_, index) => index + 1) : [Number(only)]

const sum = (reports: readonly SimulationReport[], of: (report: SimulationReport) => number): number =>
  reports.reduce((total, report) => total + of(report), 0)

test(`in ${seeds.length} simulated worlds that crash, lose answers and fail appends, nothing is lost, done twice or left undone`, async () => {
  const reports: SimulationReport[] = []
  for (const seed of seeds) {
    const report = await simulate(seed)
    expect(report.problems, `WECONNECT_SEED=${seed} ./weconnect test tools/testing/simulation tells it again`).toEqual([])
    reports.push(report)
  }
  const ended = Object.keys(Object.assign({}, ...reports.map((report) => report.ended)))
  const [crashes, executions, effects] = [sum(reports, (r) => r.crashes), sum(reports, (r) => r.executions), sum(reports, (r) => r.effects)]
  const [incidents, grants] = [sum(reports, (r) => r.incidents), sum(reports, (r) => r.grants)]
  console.log(`${crashes} crashes, ${executions} executions, ended as ${ended.join(', ')}`)
  const forks = sum(reports, (r) => r.forks)
  console.log(`${effects} effects, ${incidents} incidents, ${grants} slots granted, ${forks} forks`)
  if (only !== undefined) return
  // Worlds in which nothing happens would prove nothing.
  expect(crashes).toBeGreaterThan(seeds.length)
  expect(incidents).toBeGreaterThan(seeds.length / 20)
  expect(grants).toBeGreaterThan(seeds.length)
  expect(forks).toBeGreaterThan(seeds.length / 10)
  expect(ended).toEqual(expect.arrayContaining(['completed', 'failed', 'cancelled', 'timeout']))
}, 3_600_000)

test('the same seed tells the same story', async () => {
  expect(await simulate(4)).toEqual(await simulate(4))
})
