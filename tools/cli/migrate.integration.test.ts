import { type Instance, startInstance } from '@weconnect/testing/instance'
import { setFields, workflowFile } from '@weconnect/testing/n8n-workflow'
import { webhook } from '@weconnect/testing/promises/workflows'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'

let instance: Instance
beforeAll(async () => {
  instance = await startInstance()
}, 120_000)
afterAll(() => instance?.remove())

const signal = { type: 'weconnect.waitForSignal', parameters: { name: 'paid' } }
const file = workflowFile(
  'Orders',
  { Webhook: webhook('orders', 'onReceived'), Paid: signal, Ship: setFields({ shipped: 'by version 1' }) },
  ['Webhook -> Paid', 'Paid -> Ship'],
)
const count = 4
interface Listed {
  readonly executions: {
    readonly edges: readonly {
      readonly node: {
        readonly id: string
        readonly status: string
        readonly workflowVersion: number
        readonly outputData: unknown
        readonly migrations: readonly object[]
      }
    }[]
  }
}
const listed = async (workflowId: string) => {
  const query = `query ($workflowId: ID) { executions(filter: { workflowId: $workflowId }, first: 50) { edges { node { id status workflowVersion outputData migrations { fromVersion toVersion movedBy } } } } }`
  return (await instance.graphql<Listed>(query, { workflowId })).executions.edges.map(({ node }) => node)
}
const allAre = (workflowId: string, expected: object) =>
  vi.waitFor(
    async () => {
      const all = await listed(workflowId)
      expect(all).toHaveLength(count)
      for (const one of all) expect(one).toMatchObject(expected)
    },
    { timeout: 60_000, interval: 100 },
  )

test('a person looks what would move, moves it, and sees it finish on the other version', async () => {
  const workflowId = await instance.activate(file)
  await Promise.all(Array.from({ length: count }, (_, n) => instance.deliver('orders', { n })))
  await allAre(workflowId, { status: 'waiting', workflowVersion: 1 })
  const { workflow } = await instance.graphql<{ workflow: { nodes: { id: string; name: string }[] } }>(
    'query ($id: ID!) { workflow(id: $id) { nodes { id name } } }',
    { id: workflowId },
  )
  const idOf = (name: string) => workflow.nodes.find((node) => node.name === name)?.id ?? ''
  const { parameters } = setFields({ shipped: 'by version 2' })
  await instance.graphql(
    'mutation ($w: ID!, $n: ID!, $p: JSON!) { configureNode(workflowId: $w, nodeId: $n, input: { parameters: $p }) { workflow { id } } }',
    { w: workflowId, n: idOf('Ship'), p: parameters! },
  )
  await instance.graphql(
    'mutation ($w: ID!, $n: ID!) { renameNode(workflowId: $w, nodeId: $n, name: "Wait for money") { workflow { id } } }',
    {
      w: workflowId,
      n: idOf('Paid'),
    },
  )
  await instance.graphql('mutation ($w: ID!) { activateWorkflow(workflowId: $w) { version } }', { w: workflowId })

  const dry = await instance.command('migrate', 'Orders', '--to', '2', '--dry-run')
  expect(dry, dry.stderr).toMatchObject({ code: 0 })
  expect(dry.stdout).toContain('Paid -> Wait for money')
  expect(dry.stdout).toContain(`${count} of ${count} can move; nothing was done`)
  const wrong = await instance.command('migrate', 'Orders', '--to', '2', '--map', 'Paid=Ship')
  expect(wrong.code).toBe(1)
  expect(wrong.stdout).toContain('WAITING_NODE_OF_OTHER_TYPE')
  expect(wrong.stdout).toContain('abandoned: none has moved')
  await allAre(workflowId, { status: 'waiting', workflowVersion: 1, migrations: [] })
  const moved = await instance.command('migrate', 'Orders', '--to', '2', '--from', '1', '--reason', 'the price was wrong', '--json')
  expect(moved, moved.stderr).toMatchObject({ code: 0 })
  const { id } = JSON.parse(moved.stdout) as { id: string }
  expect(JSON.parse(moved.stdout)).toMatchObject({ status: 'completed', total: count, done: count, blockers: [] })
  expect((await instance.command('migrate', 'show', id)).stdout).toContain(`completed: ${count} on version 2`)
  await allAre(workflowId, { status: 'waiting', workflowVersion: 2, migrations: [{ fromVersion: 1, toVersion: 2 }] })

  for (const execution of await listed(workflowId)) expect((await instance.command('signal', execution.id, 'paid')).code).toBe(0)
  await allAre(workflowId, { status: 'completed', workflowVersion: 2 })
  for (const execution of await listed(workflowId)) {
    expect(JSON.stringify(execution.outputData)).toContain('by version 2')
    expect((await instance.command('replay', execution.id)).stdout).toContain('equal')
  }
  const { auditLog } = await instance.graphql<{ auditLog: { edges: { node: { type: string; actor: string } }[] } }>(
    '{ auditLog(filter: { types: ["MigrationRequested"] }) { edges { node { type actor } } } }',
  )
  expect(auditLog.edges.map(({ node }) => node.actor)).toEqual([expect.stringMatching(/^user:/), expect.stringMatching(/^user:/)])
  expect(await instance.command('migrate', 'Orders')).toMatchObject({ code: 2 })
  expect(await instance.command('migrate', 'Orders', '--to', '9')).toMatchObject({ code: 1 })
}, 180_000)
