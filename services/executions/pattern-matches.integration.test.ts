import type { JsonObject } from '@weconnect/contracts/json'
import { type EngineFixture, openEngineFixture } from '@weconnect/testing/engine-fixture'
import { manual, setFields, workflowFile } from '@weconnect/testing/n8n-workflow'
import { afterAll, beforeAll, expect, test } from 'vitest'

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
