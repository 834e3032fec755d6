import type { Item } from '@weconnect/contracts/items'
import { describe, expect, test } from 'vitest'
import { noRun } from '../run-data/no-run.ts'
import type { RunScope, Scope } from '../scope.ts'
import { resultOf } from './scope.ts'

const items: readonly Item[] = [{ json: { n: 1 } }, { json: { n: 2 }, binary: { file: { data: 'x', mimeType: 'text/plain' } } }]
const run: RunScope = {
  ...noRun,
  hasNode: (name) => name === 'A' || name === 'Idle',
  lastRunOf: (name) => (name === 'A' ? 1 : -1),
  outputOf: (name, output = 0, runIndex = 1) =>
    name === 'A' ? (output === 0 ? (runIndex === 1 ? items : items.slice(0, 1)) : []) : undefined,
  pairedItem: (name, index) =>
    name === 'A' && items[index] ? { item: items[index] } : { problem: name === 'A' ? 'noPairing' : 'notExecuted' },
  parametersOf: () => ({ url: '=https://{{ $json.host }}' }),
  contextOf: () => ({ noItemsLeft: true }),
  agentInfo: () => undefined,
}
const at = (text: string, more: Partial<Scope> = {}) =>
  resultOf(`={{ ${text} }}`, { host: 'a.b' }, { run, previous: { name: 'A', output: 0, runIndex: 1 }, ...more })

describe('another node', () => {
  test.each([
    ["$('A').item.json.n", 1],
    ["$('A').first().json.n", 1],
    ["$('A').last().json.n", 2],
    ["$('A').all().length", 2],
    ["$('A').all(0, 0).length", 1],
    ["$('A').all(1)", []],
    ["$('A').itemMatching(1).json.n", 2],
    ["$('A').pairedItem(1).json.n", 2],
    ["$('A').isExecuted", true],
    ["$('Idle').isExecuted", false],
    ["$('A').params.url", 'https://a.b'],
    ["$('A').context.noItemsLeft", true],
    ['$node["A"].json.n', 1],
    ['$node.A.runIndex', 1],
    ['$node.A.parameter.url', 'https://a.b'],
    ['$items("A", 0, 0).length', 1],
    ['$items().length', 2],
    ['$item(1).$node["A"].json.n', 2],
    ['$item(1).$node["A"].binary.file.mimeType', 'text/plain'],
    ["Object.keys($('A').params)", ['url']],
  ])('%s', (code, expected) => expect(at(code)).toEqual(expected))

  test.each([
    ["$('Nope')", "Referenced node doesn't exist"],
    ['$node.Nope.json', "Referenced node doesn't exist"],
    ["$('Idle').first()", "Node 'Idle' hasn't been executed"],
    ["$('Idle').item", "Node 'Idle' hasn't been executed"],
    ["$('A').itemMatching()", 'Missing item index'],
  ])('%s fails', (code, message) => expect(() => at(code)).toThrow(message))
})

describe('$evaluateExpression', () => {
  test.each([
    ["$evaluateExpression('{{ $json.host \\}}')", 'a.b'],
    ["$evaluateExpression('at {{ $json.host \\}}')", 'at a.b'],
    ["$evaluateExpression('no block')", 'no block'],
    ['$evaluateExpression("{{ $(\'A\').first().json.n + 1 \\}}")', 2],
  ])('%s', (code, expected) => expect(at(code)).toEqual(expected))
  test('as another item sees it, and then as this one again', () => {
    const scope = { items: [{ json: { n: 1 } }, { json: { n: 2 } }] }
    expect(at("[$evaluateExpression('{{ $json.n \\}}', 1), $json.n, $itemIndex]", scope)).toEqual([2, 1, 0])
  })
  test('what it gives is data, and its text has no more rights than any other', () => {
    const json = {
      text: '{{ "{" + "{ 1 + 1 }" + "}" }}',
      deep: '{{ $evaluateExpression($json.deep) }}',
      escape: '{{ (() => 1).constructor("return 1")() }}',
    }
    const evaluate = (field: string) => resultOf(`={{ $evaluateExpression($json.${field}) }}`, json)
    expect(evaluate('text')).toBe('{{ 1 + 1 }}')
    expect(() => evaluate('deep')).toThrow('nested')
    expect(() => evaluate('escape')).toThrow('due to security concerns')
  })
})

test('variables of the run', () => {
  const code =
    '[$workflow, $execution.id, $execution.mode, $execution.customData.get("stage"), $execution.customData.getAll(), $prevNode.name, $vars.region, $itemIndex, $runIndex, $nodeId, $nodeVersion, $today.toISO()]'
  expect(at(code)).toEqual([
    { id: 'w1', name: 'Flow', active: true },
    'e1',
    'test',
    'gold',
    { stage: 'gold' },
    'A',
    'eu',
    0,
    0,
    'id-1',
    2,
    '2024-03-30T00:00:00.000+01:00',
  ])
})

test('now is the recorded time, random the recorded seed', () => {
  expect(
    at('[$now.toISO(), DateTime.now().toMillis(), Date.now(), new Date().toISOString(), Math.random(), [1, 2, 3, 4].randomItem()]'),
  ).toEqual(['2024-03-30T19:49:05.123+01:00', 1711824545123, 1711824545123, '2024-03-30T18:49:05.123Z', 0.25, 2])
})

test('names of pagination come with the scope', () => {
  expect(at('$response.body.next + $pageCount', { additional: { $response: { body: { next: 'u' } }, $pageCount: 2 } })).toBe('u2')
  expect(at('$response')).toBeUndefined()
})

test('custom data is set in code only', () => expect(() => at('$execution.customData.set("a", 1)')).toThrow('Code node'))

test('no item, no $json', () => expect(() => at('$json.a', { items: [] })).toThrow("Node 'Here' hasn't been executed"))

test('what the run scope throws passes the catch of the expression unchanged', () => {
  const needsLoading = new Error('load me')
  const loading: RunScope = {
    ...run,
    outputOf: () => {
      throw needsLoading
    },
  }
  expect(() => at("(() => { try { return $('A').first() } catch { return 1 } finally { return 2 } })()", { run: loading })).toThrow(
    needsLoading,
  )
})

test('an error of the run can be caught by the expression', () => {
  expect(at("(() => { try { return $('Idle').first() } catch (e) { return e.message } })()")).toBe("Node 'Idle' hasn't been executed")
})
