import type { JsonObject } from '@weconnect/contracts/json'
import { type EngineFixture, openEngineFixture } from '@weconnect/testing/engine-fixture'
import { manual, type NodeSketch, setFields, workflowFile } from '@weconnect/testing/n8n-workflow'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

let fixture: EngineFixture
beforeAll(async () => {
  fixture = await openEngineFixture()
})
afterAll(() => fixture?.close())

const run = async (expression: string, items: readonly JsonObject[]) => {
  const file = workflowFile('patterns', { Start: manual, Set: setFields({ found: expression }) }, ['Start -> Set'])
  const [report] = await fixture.workflows.importWorkflows(file, fixture.context)
  const input = items.map((json) => ({ json }))
  const { executionId } = await fixture.executions.run({ workflowId: report!.workflowId, input }, fixture.context)
  const end = await fixture.engine.endOf(executionId, AbortSignal.timeout(60_000))
  const view = await fixture.executions.view(executionId, fixture.context.organisationId)
  const found = view.status === 'completed' ? ((await view.output())[0] ?? []).map(({ json }) => json['found']) : []
  return { executionId, view, end, found }
}

const long = 'ab '.repeat(3_000)

test('a lookaround over a long text runs in the code runner, item by item, and a replay gives the same', async () => {
  const { found, executionId } = await run('={{ String($json.t.match(/(?<=(a+)+)b/g).length) }}', [
    { t: long },
    { t: `${long}ab` },
    { t: 'ab' },
  ])
  expect(found).toEqual(['3000', '3001', '1'])
  expect(await fixture.executions.replay(executionId, fixture.context.organisationId)).toMatchObject({ equal: true })
})

test('a pattern that takes exponential time fails its step, and others run meanwhile', async () => {
  const evil = `${'a'.repeat(5_000)}!`
  const [slow, quick] = await Promise.all([
    run('={{ String(/^(?=(a|a)*$)/.test($json.t)) }}', [{ t: evil }]),
    run('={{ String(/b+/.test($json.t)) }}', [{ t: long }]),
  ])
  expect(quick.found).toEqual(['true'])
  expect(slow.view.status).toBe('failed')
  expect(slow.end.state).toMatchObject({ errorCode: 'EXPRESSION_BUDGET' })
  expect(JSON.stringify(slow.view.error)).toContain('took longer than')
})

const condition = (pattern: string): JsonObject => ({
  combinator: 'and',
  options: { caseSensitive: true, typeValidation: 'strict', version: 2 },
  conditions: [{ leftValue: '={{ $json.t }}', rightValue: pattern, operator: { type: 'string', operation: 'regex' } }],
})
const classic = (pattern: string): JsonObject => ({ string: [{ value1: '={{ $json.t }}', operation: 'regex', value2: pattern }] })
const conditionNodes: Readonly<Record<string, (pattern: string) => NodeSketch>> = {
  'If 2': (pattern) => ({ type: 'n8n-nodes-base.if', version: 2.2, parameters: { conditions: condition(pattern) } }),
  'Filter 2': (pattern) => ({ type: 'n8n-nodes-base.filter', version: 2.2, parameters: { conditions: condition(pattern) } }),
  'Switch 3': (pattern) => ({
    type: 'n8n-nodes-base.switch',
    version: 3.2,
    parameters: { rules: { values: [{ conditions: condition(pattern) }] } },
  }),
  'If 1': (pattern) => ({ type: 'n8n-nodes-base.if', parameters: { conditions: classic(pattern) } }),
  'Switch 2': (pattern) => ({
    type: 'n8n-nodes-base.switch',
    version: 2,
    parameters: {
      dataType: 'string',
      value1: '={{ $json.t }}',
      rules: { rules: [{ operation: 'regex', value2: pattern }] },
      fallbackOutput: -1,
    },
  }),
}

describe.each(Object.keys(conditionNodes))('a condition of %s', (name) => {
  const runCondition = async (pattern: string, texts: readonly string[], options: JsonObject = {}) => {
    const file = workflowFile(name, { Start: manual, Test: { ...conditionNodes[name]!(pattern), options } }, ['Start -> Test'])
    const [report] = await fixture.workflows.importWorkflows(file, fixture.context)
    const input = texts.map((t, n) => ({ json: { t, n } }))
    const { executionId } = await fixture.executions.run({ workflowId: report!.workflowId, input }, fixture.context)
    const end = await fixture.engine.endOf(executionId, AbortSignal.timeout(60_000))
    const view = await fixture.executions.view(executionId, fixture.context.organisationId)
    const [first = []] = view.status === 'completed' ? await view.output() : []
    return { executionId, view, end, held: (first ?? []).map(({ json }) => json['n']) }
  }

  test('meets long texts with a pattern that backtracks, elsewhere', async () => {
    const { held, executionId } = await runCondition('(?<=(a+)+)b', [long, 'c'.repeat(9_000), 'ab', long])
    expect(held).toEqual([0, 2, 3])
    expect(await fixture.executions.replay(executionId, fixture.context.organisationId)).toMatchObject({ equal: true })
  })

  test('is given up when its pattern takes exponential time', async () => {
    const evil = `${'a'.repeat(5_000)}!`
    const { end, view } = await runCondition('^(?=(a|a)*$)', [evil])
    expect(end.state).toMatchObject({ errorCode: 'EXPRESSION_BUDGET' })
    expect(JSON.stringify(view.error)).toContain('took longer than')
    // The item that took too long counts as failed; the others go on.
    const goesOn = await runCondition('^(?=(a|a)*$)', ['aa', evil], { onError: 'continueRegularOutput' })
    expect(goesOn.view.status).toBe('completed')
    expect(goesOn.held[0]).toBe(0)
  })
})
