import { type Instance, startInstance } from '@weconnect/testing/instance'
import { setFields, workflowFile } from '@weconnect/testing/n8n-workflow'
import { openProvider, type Provider } from '@weconnect/testing/promises/provider'
import { webhook } from '@weconnect/testing/promises/workflows'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'

let provider: Provider
let instance: Instance
beforeAll(async () => {
  provider = await openProvider()
  instance = await startInstance({ env: { WECONNECT_EGRESS_ALLOW: '127.0.0.1/32' } })
})
afterAll(async () => {
  await instance?.remove()
  await provider?.close()
})

const file = () =>
  workflowFile(
    'Pays',
    {
      Webhook: webhook('pays', 'onReceived'),
      Pay: {
        type: 'n8n-nodes-base.httpRequest',
        version: 4.2,
        parameters: {
          method: 'POST',
          url: `${provider.url}/plain?token=hidden`,
          sendBody: true,
          specifyBody: 'json',
          jsonBody: '={{ { "delivery": $json.body.delivery } }}',
          options: {},
        },
      },
      After: setFields({ after: '={{ $json.receipt }}' }),
    },
    ['Webhook -> Pay', 'Pay -> After'],
  )

interface Listed {
  readonly executions: { readonly edges: readonly { readonly node: { readonly id: string } }[] }
}
const withStatus = async (status: string): Promise<readonly string[]> => {
  const query = 'query ($status: [ExecutionStatus!]) { executions(filter: { status: $status }) { edges { node { id } } } }'
  return (await instance.graphql<Listed>(query, { status: [status] })).executions.edges.map(({ node }) => node.id)
}
const untilOne = async (status: string): Promise<string> => {
  await vi.waitFor(async () => expect(await withStatus(status)).toHaveLength(1), { timeout: 30_000, interval: 50 })
  return (await withStatus(status))[0] ?? ''
}

test('a killed instance leaves a call in doubt to a person: listed with its key, resolved from the command line, in the read model', async () => {
  await instance.activate(file())
  const called = Promise.withResolvers<void>()
  provider.beforeAnswer('/plain?token=hidden', () => {
    process.kill(instance.pid(), 'SIGKILL')
    called.resolve()
  })
  expect((await instance.deliver('pays', { delivery: 'one' })).status).toBe(200)
  await called.promise
  await instance.kill9()
  await instance.restart()

  const id = await untilOne('incident')
  expect(provider.effects).toHaveLength(1)
  const listed = await instance.command('incidents', '--json')
  expect(JSON.parse(listed.stdout)).toMatchObject([
    { executionId: id, step: 1, workflow: 'Pays', nodeName: 'Pay', effectKey: provider.effects[0]?.key },
  ])
  expect(listed.stdout).toContain(`POST ${provider.url}/plain`)
  expect(listed.stdout).not.toContain('hidden')
  const { steps } = await instance.graphql<{ steps: { edges: readonly { node: object }[] } }>(
    'query ($id: ID!) { steps(filter: { executionId: $id }) { edges { node { nodeName status } } } }',
    { id },
  )
  expect(steps.edges.map(({ node }) => node)).toMatchObject([{ status: 'completed' }, { nodeName: 'Pay', status: 'incident' }])

  expect(await instance.command('resolve', id)).toMatchObject({ code: 2 })
  expect(await instance.command('resolve', id, '--skip')).toMatchObject({ code: 1, stderr: expect.stringContaining('INVALID_INPUT') })
  const answer = ['--skip', '--output', '[{"json": {"receipt": 7}}]', '--reason', 'in their books']
  expect(await instance.command('resolve', id, ...answer)).toMatchObject({ code: 0 })
  expect(await untilOne('completed')).toBe(id)
  expect(provider.effects).toHaveLength(1)
  const { execution } = await instance.graphql<{ execution: { outputData: unknown; incidents: readonly object[] } }>(
    'query ($id: ID!) { execution(id: $id) { outputData incidents { resolution reason resolvedBy } } }',
    { id },
  )
  expect(execution.outputData).toMatchObject([[{ json: { receipt: 7, after: '7' } }]])
  expect(execution.incidents).toMatchObject([{ resolution: 'skip', reason: 'in their books', resolvedBy: expect.stringMatching(/^user:/) }])
  expect(await instance.command('resolve', id, '--retry', '--step', '1')).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('INVALID_STATE'),
  })
  expect(await instance.command('incidents')).toMatchObject({ code: 0, stdout: 'No incidents\n' })
})
