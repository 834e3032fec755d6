import { type Instance, startInstance } from '@weconnect/testing/instance'
import { manual, setFields, workflowFile } from '@weconnect/testing/n8n-workflow'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'

let instance: Instance
beforeAll(async () => {
  instance = await startInstance()
})
afterAll(() => instance?.remove())

const file = workflowFile(
  'Asks',
  {
    Start: manual,
    Ask: { type: 'weconnect.approval', parameters: { title: '=Order {{ $json.order }}', roles: ['owner'] } },
    Wait: { type: 'weconnect.waitForSignal', parameters: { name: 'paid' } },
    Done: setFields({ said: '={{ $json.approval.comment }}', amount: '={{ $json.signal.payload.amount }}' }),
  },
  ['Start -> Ask', 'Ask -> Wait', 'Wait -> Done'],
)

interface Seen {
  readonly status: string
  readonly pause: { readonly reason: string } | null
  readonly outputData: unknown
  readonly waits: readonly { readonly nodeName: string; readonly endedBy: string | null }[]
}
const seen = async (id: string): Promise<Seen> => {
  const query = 'query ($id: ID!) { execution(id: $id) { status pause { reason } outputData waits { nodeName endedBy } } }'
  return (await instance.graphql<{ execution: Seen }>(query, { id })).execution
}
const becomes = (id: string, status: string) =>
  vi.waitFor(async () => expect((await seen(id)).status).toBe(status), { timeout: 60_000, interval: 50 })
const kill = async (): Promise<void> => {
  await instance.kill9()
  await instance.restart()
}

test('paused, asked and signalled from the command line, killed with -9 in between: nothing is forgotten', async () => {
  const { importWorkflow } = await instance.graphql<{ importWorkflow: { workflows: readonly { workflow: { id: string } }[] } }>(
    'mutation ($json: JSON!) { importWorkflow(json: $json) { workflows { workflow { id } } } }',
    { json: file },
  )
  const id = importWorkflow.workflows[0]?.workflow.id ?? ''
  const started = await instance.command('run', id, '--input', '{"order": 7}', '--json')
  const { id: execution } = JSON.parse(started.stdout) as { id: string }
  await becomes(execution, 'waiting')
  expect(await instance.command('pause', execution, '--reason', 'audit')).toMatchObject({ code: 0 })
  await kill()
  expect(await seen(execution)).toMatchObject({ status: 'paused', pause: { reason: 'audit' } })
  expect((await instance.command('explain', execution)).stdout).toContain('audit')
  expect(await instance.command('resume', execution)).toMatchObject({ code: 0 })
  expect(await seen(execution)).toMatchObject({ status: 'waiting', pause: null })

  await vi.waitFor(
    async () => {
      const { stdout } = await instance.command('approvals', '--json')
      expect(JSON.parse(stdout)).toMatchObject([{ executionId: execution, title: 'Order 7', roles: ['owner'], workflow: 'Asks' }])
    },
    { timeout: 60_000, interval: 100 },
  )
  expect(await instance.command('approve', execution, '--comment', 'fine')).toMatchObject({ code: 0 })
  await becomes(execution, 'waiting')
  expect(await instance.command('reject', execution)).toMatchObject({ code: 1, stderr: expect.stringContaining('INVALID_STATE') })
  await kill()
  expect(await instance.command('signal', execution)).toMatchObject({ code: 2 })
  expect(await instance.command('signal', execution, 'paid', '--payload', '{"amount": 12}', '--id', 'one')).toMatchObject({ code: 0 })
  await becomes(execution, 'completed')
  const { outputData, waits } = await seen(execution)
  expect(outputData).toMatchObject([[{ json: { order: 7, said: 'fine', amount: '12' } }]])
  expect(waits).toMatchObject([
    { nodeName: 'Ask', endedBy: expect.stringMatching(/^user:/) },
    { nodeName: 'Wait', endedBy: expect.stringMatching(/^user:/) },
  ])
  expect(JSON.parse((await instance.command('replay', execution, '--json')).stdout)).toMatchObject({ equal: true })
  const listed = JSON.parse((await instance.command('executions', '--status', 'completed', '--json')).stdout) as readonly { id: string }[]
  expect(listed.map(({ id: each }) => each)).toContain(execution)
})

test('all that waits for an approval is listed, also when it is more than one page', async () => {
  const ask = { Start: manual, Ask: { type: 'weconnect.approval', parameters: { title: '=Many {{ $json.n }}' } } }
  const { importWorkflow } = await instance.graphql<{ importWorkflow: { workflows: readonly { workflow: { id: string } }[] } }>(
    'mutation ($json: JSON!) { importWorkflow(json: $json) { workflows { workflow { id } } } }',
    { json: workflowFile('Asks often', ask, ['Start -> Ask']) },
  )
  const id = importWorkflow.workflows[0]?.workflow.id ?? ''
  const begin = (n: number) =>
    instance.graphql('mutation ($id: ID!, $n: JSON) { runWorkflow(input: { workflowId: $id, input: $n }) { execution { id } } }', {
      id,
      n: { n },
    })
  const count = 120
  await Promise.all(Array.from({ length: count }, (_, n) => begin(n)))
  const titles = async (): Promise<readonly string[]> => {
    const rows = JSON.parse((await instance.command('approvals', '--json')).stdout) as { title: string; workflow: string }[]
    return rows.flatMap(({ title, workflow }) => (workflow === 'Asks often' ? [title] : [])).toSorted()
  }
  const expected = Array.from({ length: count }, (_, n) => `Many ${n}`).toSorted()
  await vi.waitFor(async () => expect(await titles()).toEqual(expected), { timeout: 60_000, interval: 500 })
})
