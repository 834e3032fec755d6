import { readFileSync } from 'node:fs'
import type { Item } from '@weconnect/contracts/items'
import { compileExpression } from '@weconnect/nodes/expressions/expression'
import { noRun } from '@weconnect/nodes/expressions/no-run'
import type { Scope } from '@weconnect/nodes/expressions/scope'
import { DateTime } from 'luxon'
import type { W6 } from './measures.ts'
import { median } from './statistics.ts'

const texts = JSON.parse(readFileSync(new URL('expressions.json', import.meta.url), 'utf8')) as readonly string[]
const simple = '={{ $json.a + 1 }}'

const now = '2026-03-30T18:49:05.123Z'
const timezone = 'Europe/Berlin'

const items: readonly Item[] = Array.from({ length: 1_000 }, (_, index) => ({
  json: {
    a: index,
    name: `Name ${index}`,
    'order id': `o-${index}`,
    amount: index,
    active: index % 2 === 0,
    ordered: new Date(1_700_000_000_000 + index * 3_600_000).toISOString(),
    address: { city: `City ${index % 50}`, geo: { lat: index / 10, lon: -index / 10 } },
    customer: { email: `name${index}@example.org` },
    lines: Array.from({ length: 5 }, (_line, line) => ({ sku: `s${line}`, price: line * 1.5, count: (index + line) % 4 })),
  },
}))

const scopes: readonly Scope[] = items.map((_, itemIndex) => ({
  run: noRun,
  items,
  itemIndex,
  runIndex: 0,
  node: { id: 'n', name: 'Set', type: 'n8n-nodes-base.set', typeVersion: 3.4, parameters: {} },
  workflow: { id: 'w', name: 'Bench', active: true },
  execution: { id: 'e', mode: 'production', customData: {} },
  variables: {},
  now,
  timezone,
  random: () => 0.5,
}))

/** The same source as the host runs it, with nothing in between. Words around a block become text as the product makes them. */
const asFunction = (text: string): ((json: unknown) => unknown) => {
  const parts = text.slice(1).split(/\{\{(.*?)\}\}/s)
  const [before, code, after] = parts
  const lone = parts.length === 3 && before === '' && after === ''
  const source = lone
    ? `(${code})`
    : parts.map((part, index) => (index % 2 === 0 ? JSON.stringify(part) : `String((${part}) ?? '')`)).join(' + ')
  const make = new Function('DateTime', '$now', `return ($json) => { try { return ${source} } catch { return undefined } }`)
  const zoned = DateTime.fromISO(now, { zone: timezone, locale: 'en-US' })
  const zonedDateTime = { fromISO: (moment: string) => DateTime.fromISO(moment, { zone: timezone, locale: 'en-US' }) }
  return make(zonedDateTime, zoned) as (json: unknown) => unknown
}

const roundsOfOne = 6

/**
 * Nanoseconds of processor time for one evaluation, so that what else runs on the machine counts as little as it can: the median of several rounds
 * over all items, of which the first warms up.
 */
const perEvaluation = (evaluate: (index: number) => unknown, seconds: number): number => {
  const round = (): number => {
    const until = performance.now() + (seconds * 1_000) / roundsOfOne
    const start = process.threadCpuUsage()
    let passes = 0
    do {
      for (let index = 0; index < scopes.length; index += 1) evaluate(index)
      passes += 1
    } while (performance.now() < until)
    const { user, system } = process.threadCpuUsage(start)
    return ((user + system) * 1_000) / passes / scopes.length
  }
  return median(Array.from({ length: roundsOfOne }, round).slice(1))
}

const checkEqual = (text: string): void => {
  const compiled = compileExpression(text)
  const oracle = asFunction(text)
  for (const [index, scope] of scopes.entries()) {
    const ours = JSON.stringify(compiled.evaluate(scope))
    const theirs = JSON.stringify(oracle(items[index]?.json))
    if (ours !== theirs) throw new Error(`${text} gives ${ours}, the host gives ${theirs}`)
  }
}

/** W6: expressions, each over 1,000 different items, beside the same source through `new Function`. */
export const measureW6 = (seconds: number, say: (text: string) => void): W6 => {
  say('W6, expressions')
  const ours = (text: string): number => {
    const compiled = compileExpression(text)
    return perEvaluation((index) => compiled.evaluate(scopes[index] as Scope), seconds)
  }
  const theirs = (text: string): number => {
    const oracle = asFunction(text)
    return perEvaluation((index) => oracle(items[index]?.json), seconds)
  }
  for (const text of texts) checkEqual(text)
  const rows = texts.map((text) => ({ text, ns: ours(text), functionNs: theirs(text) }))
  for (const { text, ns, functionNs } of rows) say(`${ns.toFixed(0)} ns, function ${functionNs.toFixed(0)} ns: ${text}`)
  const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0)
  const simpleNs = ours(simple)
  return {
    simplePerSecond: 1e9 / simpleNs,
    fileNs: sum(rows.map(({ ns }) => ns)),
    functionNs: sum(rows.map(({ functionNs }) => functionNs)),
    ratio: sum(rows.map(({ ns }) => ns)) / sum(rows.map(({ functionNs }) => functionNs)),
    medianRatio: median(rows.map(({ ns, functionNs }) => ns / functionNs)),
    worstRatio: Math.max(...rows.map(({ ns, functionNs }) => ns / functionNs)),
  }
}
