import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { removeEmbeddedPostgres } from '@weconnect/postgres/embedded'
import { type Instance, startInstance } from '@weconnect/testing/instance'
import { sendDeliveries } from '@weconnect/testing/promises/deliveries'
import { allTables, caughtUp, projectionsOf, tableDifferences } from '@weconnect/testing/promises/tables'
import { asking, everySecond, failing, feedReader, hello, later } from '@weconnect/testing/promises/workflows'
import { afterAll, beforeAll, expect, test } from 'vitest'

const restarts = process.env['WECONNECT_LONG'] === '1' ? 20 : 3

let instance: Instance
beforeAll(async () => {
  instance = await startInstance()
})
afterAll(() => instance?.remove())

/** So that no read model stays empty: edits, deliveries that go well and that fail, and process after process that is killed meanwhile. */
const makeHistory = async (): Promise<void> => {
  const ids: string[] = []
  for (const { file } of [hello, later, failing, asking]) ids.push(await instance.activate(file))
  const [scheduled, reading] = [await instance.activate(everySecond('all')), await instance.activate(feedReader)]
  const sender = sendDeliveries(instance, { paths: [hello.path, later.path, failing.path], connections: 6, pauseMs: 5 })
  for (let restart = 0; restart < restarts; restart += 1) {
    await sleep(200 + Math.random() * 500)
    if (restart % 2 === 0) await instance.kill9()
    else await instance.stop()
    await instance.restart()
    await instance.graphql('mutation ($id: ID!, $tags: [String!]!) { tagWorkflow(workflowId: $id, tags: $tags) { version } }', {
      id: ids[0] ?? '',
      tags: [`restart ${restart}`],
    })
  }
  await sender.stop()
  await askPeople()
  await makeCredentials()
  for (const id of [ids[1] ?? '', scheduled, reading])
    await instance.graphql('mutation ($id: ID!) { deactivateWorkflow(workflowId: $id) { version } }', { id })
}

/** Until nothing more is written, so that what is compared stands still: a stopped instance has written its counts of calls, and executions end. */
const atRest = async (): Promise<void> => {
  await instance.stop()
  await instance.restart()
  const query = '{ executions(filter: { status: [pending, running] }) { totalCount } }'
  const left = async () => {
    await caughtUp(instance)
    return (await instance.graphql<{ executions: { totalCount: number } }>(query)).executions.totalCount
  }
  await expect.poll(left, { timeout: 60_000 }).toBe(0)
  await caughtUp(instance)
}

/** One is answered, the other is not. */
const askPeople = async (): Promise<void> => {
  for (let number = 0; number < 2; number += 1) expect((await instance.deliver(asking.path, { n: number })).status).toBe(200)
  const query = '{ approvals { edges { node { executionId } } } }'
  const asked = async () =>
    (await instance.graphql<{ approvals: { edges: readonly { node: { executionId: string } }[] } }>(query)).approvals.edges
  await expect.poll(async () => (await asked()).length, { timeout: 60_000 }).toBe(2)
  const decide = 'mutation ($input: DecideApprovalInput!) { decideApproval(input: $input) { execution { status } } }'
  await instance.graphql(decide, { input: { executionId: (await asked())[0]?.node.executionId ?? '', approved: true } })
}

/** Made, tried in vain, renamed; and one deleted. */
const makeCredentials = async (): Promise<void> => {
  for (const name of ['kept', 'deleted']) {
    const create = 'mutation ($input: CreateCredentialInput!) { createCredential(input: $input) { credential { id } } }'
    const input = { name, type: 'httpBearerAuth', data: { token: 'of this test' } }
    const { createCredential } = await instance.graphql<{ createCredential: { credential: { id: string } } }>(create, { input })
    const { id } = createCredential.credential
    await instance.graphql('mutation ($id: ID!) { testCredential(id: $id, url: "http://127.0.0.1:1/") { ok } }', { id })
    if (name === 'deleted') await instance.graphql('mutation ($id: ID!) { deleteCredential(id: $id) { position } }', { id })
    else await instance.graphql('mutation ($id: ID!) { updateCredential(id: $id, input: {name: "renamed"}) { position } }', { id })
  }
}

test('every read model can be dropped and comes back identical, row by row', async () => {
  await makeHistory()
  await atRest()
  const live = await allTables(instance)
  console.log([...live].map(([table, rows]) => `${table} ${rows.length}`).join(', '))
  expect([...live].filter(([, rows]) => rows.length === 0).map(([table]) => table)).toEqual([])

  for (const { name } of await projectionsOf(instance))
    await instance.graphql('mutation ($name: String!) { rebuildProjection(name: $name) { projection { name } } }', { name })
  await caughtUp(instance)
  expect(tableDifferences(live, await allTables(instance))).toEqual([])

  await instance.stop()
  await removeEmbeddedPostgres(join(instance.dataFolder, 'postgres'))
  await instance.restart()
  await caughtUp(instance)
  expect(tableDifferences(live, await allTables(instance))).toEqual([])
})
