import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type EngineFixture, openEngineFixture } from '@weconnect/testing/engine-fixture'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

const cases = fileURLToPath(new URL('../../../shared/conformance/dev/workflows', import.meta.url))
if (!existsSync(cases)) console.warn(`skipped: there are no conformance cases at ${cases}`)

interface Case {
  readonly workflow: { readonly nodes: readonly { readonly name: string }[]; readonly settings?: object; readonly pinData?: object }
  readonly settings_override?: object | null
  readonly expected?: Readonly<Record<string, readonly (readonly { readonly json: unknown }[] | null)[]>> | null
  readonly expected_order?: readonly string[] | null
  readonly expected_error?: string | null
  readonly recorded?: { readonly execution_order: readonly string[] }
}

const read = (group: string): [string, Case][] =>
  existsSync(cases)
    ? readdirSync(join(cases, group)).map((file) => [
        `${group}/${file}`,
        JSON.parse(readFileSync(join(cases, group, file), 'utf8')) as Case,
      ])
    : []

describe.skipIf(!existsSync(cases))("n8n's own engine cases", () => {
  let fixture: EngineFixture
  beforeAll(async () => {
    fixture = await openEngineFixture()
  })
  afterAll(() => fixture.close())

  test.each([...read('engine'), ...read('core-engine-wf')])(
    '%s',
    async (_name, { workflow, settings_override, expected, expected_order, expected_error }) => {
      const file = { ...workflow, settings: { ...workflow.settings, ...settings_override }, name: 'case' }
      const [imported] = await fixture.workflows.importWorkflows(file, fixture.context)
      const { executionId } = await fixture.executions.run({ workflowId: imported!.workflowId, input: [{ json: {} }] }, fixture.context)
      const { state } = await fixture.engine.endOf(executionId, AbortSignal.timeout(30_000))
      if (expected_error) {
        expect(state.status).toBe('failed')
        expect((state.error as { message: string }).message).toContain(expected_error)
      } else expect(state.error ?? state.status).toBe('completed')
      if (expected_order) expect(state.steps.map(({ nodeName }) => nodeName)).toEqual(expected_order)
      const view = await fixture.executions.view(executionId, fixture.context.organisationId)
      for (const [name, outputs] of Object.entries(expected ?? {})) {
        const steps = view.steps.filter(({ nodeName }) => nodeName === name)
        const output = await steps.at(-1)!.output()
        expect(
          (output[0] ?? []).map(({ json }) => json),
          name,
        ).toEqual((outputs[0] ?? []).map(({ json }) => json))
      }
    },
  )
})
