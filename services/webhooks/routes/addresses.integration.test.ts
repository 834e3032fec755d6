import { randomUUID } from 'node:crypto'
import { defaultOrganisationId } from '@weconnect/admin/admin'
import { startTestInstance } from '@weconnect/testing/gateway-fixture'
import { activateOn, codeOf, importOn, webhookFile, webhooksOf } from '@weconnect/testing/live-webhook'
import { afterAll, describe, expect, test } from 'vitest'

const instance = await startTestInstance()
afterAll(() => instance.close())
const { live, call, executionsOf } = webhooksOf(instance)
const ours = () => ({ ...instance.context, organisationId: defaultOrganisationId })

describe('paths', () => {
  test('a path with parameters answers behind its id, and nowhere else', async () => {
    const webhookId = randomUUID()
    const { path, workflowId } = await live({ path: `users-${randomUUID()}/:id/:what`, webhookId })
    const called = path.replace(':id', 'a%2Fb').replace(':what', 'k%C3%A4se')
    expect(await (await call(`${webhookId}/${called}`)).json()).toMatchObject({ params: { id: 'a/b', what: 'käse' } })
    for (const wrong of [called, `${randomUUID()}/${called}`, `:webhookId/${called}`, `%00/${called}`])
      expect(await codeOf(await call(wrong))).toEqual([404, 'WEBHOOK_NOT_FOUND'])
    await instance.projector.waitFor((await instance.journal.head()) as never)
    const { data } = await instance.graphql('query ($id: ID!) { workflow(id: $id) { webhooks { path } } }', { id: workflowId })
    expect(data.workflow.webhooks).toEqual([{ path: `${webhookId}/${path}` }])
  })
  test('without a webhookId the path is all there is', async () => {
    await live({ path: 'plain-users/:id' })
    expect(await (await call('plain-users/7')).json()).toMatchObject({ params: { id: '7' } })
  })
  test('unusual characters, encodings and slashes', async () => {
    await live({ path: "/k äse//it's(1)/" })
    for (const path of ["k%20%C3%A4se/it's(1)", 'k%20%c3%a4se/%69t%27s(1)', "/k%20%C3%A4se///it's(1)//"])
      expect((await call(path)).status).toBe(200)
    expect(await codeOf(await call('k%20%ZZ'))).toEqual([400, 'INVALID_INPUT'])
    expect(await codeOf(await call(''))).toEqual([404, 'WEBHOOK_NOT_FOUND'])
  })
  test('a path longer than anyone needs', async () =>
    expect(await codeOf(await call('x'.repeat(10_000)))).toEqual([404, 'WEBHOOK_NOT_FOUND']))
})

describe('what is active answers', () => {
  const saying = (value: string) => ({
    steps: [
      { type: 'set', version: 3.4, parameters: { assignments: { assignments: [{ id: 'x', name: 'says', type: 'string', value }] } } },
    ],
  })
  const rewrite = (workflowId: string, value: string) =>
    instance.graphql(
      'mutation ($id: ID!, $input: ConfigureNodeInput!) { configureNode(workflowId: $id, nodeId: "n1", input: $input) { version } }',
      {
        id: workflowId,
        input: { parameters: saying(value).steps[0]?.parameters },
      },
    )

  test('a draft changes nothing until it is activated; what is deactivated answers no more', async () => {
    const { path, workflowId } = await live(saying('one'))
    await rewrite(workflowId, 'two')
    expect(await (await call(path)).json()).toEqual({ says: 'one' })
    await activateOn(instance, workflowId)
    expect(await (await call(path)).json()).toEqual({ says: 'two' })
    await instance.graphql('mutation ($id: ID!) { deactivateWorkflow(workflowId: $id) { version } }', { id: workflowId })
    expect(await codeOf(await call(path))).toEqual([404, 'WEBHOOK_NOT_FOUND'])
  })
  const contentOf = async (workflowId: string) => (await instance.workflows.load(workflowId, ours().organisationId)).workflow
  test('an activation that was cut off before the workflow knew of it leaves the version before', async () => {
    const { path, workflowId } = await live(saying('one'))
    const before = await call(path)
    expect(await before.json()).toEqual({ says: 'one' })
    await rewrite(workflowId, 'two')
    await instance.graphql('mutation ($id: ID!) { publishWorkflow(workflowId: $id) { version } }', { id: workflowId })
    await instance.registrations.register(workflowId, 2, await contentOf(workflowId), ours())
    expect(await (await call(path)).json()).toEqual({ says: 'one' })
    await activateOn(instance, workflowId)
    expect(await (await call(path)).json()).toEqual({ says: 'two' })
  })
  test('and where nothing was active before, nothing answers', async () => {
    const path = randomUUID()
    const workflowId = await importOn(instance, webhookFile(path))
    await instance.graphql('mutation ($id: ID!) { publishWorkflow(workflowId: $id) { version } }', { id: workflowId })
    await instance.registrations.register(workflowId, 1, await contentOf(workflowId), ours())
    expect(await codeOf(await call(path))).toEqual([404, 'WEBHOOK_NOT_FOUND'])
    await activateOn(instance, workflowId)
    expect((await call(path)).status).toBe(200)
  })
  test('a path of another workflow is refused, with its holder', async () => {
    const { path, workflowId } = await live()
    const other = await importOn(instance, webhookFile(path))
    const { errors } = await instance.graphql('mutation ($id: ID!) { activateWorkflow(workflowId: $id) { version } }', { id: other })
    expect(errors).toMatchObject([{ message: expect.stringContaining(workflowId), extensions: { code: 'WEBHOOK_PATH_TAKEN' } }])
  })
})

describe('test addresses', () => {
  const listen = (workflowId: string, forSeconds?: number) =>
    instance.graphql(
      'mutation ($id: ID!, $forSeconds: Int) { listenForTestWebhook(workflowId: $id, forSeconds: $forSeconds) { urls { method path } expiresAt } }',
      { id: workflowId, forSeconds },
    )
  const stop = async (id: string) =>
    (await instance.graphql('mutation ($id: ID!) { stopListeningForTestWebhook(workflowId: $id) }', { id })).data
      .stopListeningForTestWebhook
  const callTest = (path: string): Promise<Response> => fetch(`${instance.url}/webhook-test/${path}`, { method: 'POST' })

  test('one call runs the draft, while somebody listens', async () => {
    const path = randomUUID()
    const workflowId = await importOn(instance, webhookFile(path))
    expect(await codeOf(await callTest(path))).toEqual([404, 'WEBHOOK_NOT_FOUND'])
    const { data } = await listen(workflowId)
    expect(data.listenForTestWebhook).toEqual({ urls: [{ method: 'POST', path: `/webhook-test/${path}` }], expiresAt: expect.any(String) })
    const response = await callTest(`${path}?a=1`)
    expect([response.status, await response.json()]).toMatchObject([200, { query: { a: '1' }, executionMode: 'test' }])
    expect(await codeOf(await callTest(path))).toEqual([404, 'WEBHOOK_NOT_FOUND'])
    expect(await codeOf(await call(path))).toEqual([404, 'WEBHOOK_NOT_FOUND'])
    expect(await executionsOf(workflowId)).toMatchObject([{ status: 'completed', workflowVersion: 0 }])
  })
  test('of many calls at once one is taken', async () => {
    const path = randomUUID()
    const workflowId = await importOn(instance, webhookFile(path))
    await listen(workflowId)
    const statuses = await Promise.all(Array.from({ length: 6 }, async () => (await callTest(path)).status))
    expect(statuses.sort()).toEqual([200, 404, 404, 404, 404, 404])
  })
  test('for two minutes, or as long as was asked for', async () => {
    const path = randomUUID()
    const id = await importOn(instance, webhookFile(path))
    const until = async (forSeconds?: number) => Date.parse((await listen(id, forSeconds)).data.listenForTestWebhook.expiresAt)
    const before = Date.now()
    expect(Math.round(((await until()) - before) / 10_000)).toBe(12)
    const wrong = await fetch(`${instance.url}/webhook-test/${path}`)
    expect([wrong.headers.get('allow'), await codeOf(wrong)]).toEqual(['POST', [405, 'METHOD_NOT_ALLOWED']])
    await until(1)
    const looked = async () => (await fetch(`${instance.url}/webhook-test/${path}`)).status
    await expect.poll(looked, { timeout: 60_000 }).toBe(404)
    expect(await codeOf(await callTest(path))).toEqual([404, 'WEBHOOK_NOT_FOUND'])
    for (const wrong of [0, 3601]) expect((await listen(id, wrong)).errors[0]?.extensions.code).toBe('INVALID_INPUT')
  })
  test('until nobody wants it any more; then the path is free at once', async () => {
    const path = randomUUID()
    const [id, other] = [await importOn(instance, webhookFile(path)), await importOn(instance, webhookFile(path))]
    await listen(id)
    expect([await stop(other), await stop(id), await stop(id)]).toEqual([false, true, false])
    expect(await codeOf(await callTest(path))).toEqual([404, 'WEBHOOK_NOT_FOUND'])
    expect((await listen(other)).errors).toEqual([])
    expect((await callTest(path)).status).toBe(200)
  })
  test('the live version goes on answering at its own address', async () => {
    const { path, workflowId } = await live()
    await listen(workflowId)
    expect(await (await call(path)).json()).toMatchObject({ executionMode: 'production' })
    expect(await (await callTest(path)).json()).toMatchObject({ executionMode: 'test' })
  })
  test('only for workflows that exist and have a webhook, and only one at a path', async () => {
    const codes = async (workflowId: string) => (await listen(workflowId)).errors.map(({ extensions }) => extensions.code)
    expect(await codes(randomUUID())).toEqual(['NOT_FOUND'])
    const manual = {
      name: 'm',
      nodes: [{ id: 'a', name: 'A', type: 'n8n-nodes-base.manualTrigger', typeVersion: 1, position: [0, 0], parameters: {} }],
      connections: {},
    }
    expect(await codes(await importOn(instance, manual))).toEqual(['INVALID_INPUT'])
    const path = randomUUID()
    expect(await codes(await importOn(instance, webhookFile(path)))).toEqual([])
    expect(await codes(await importOn(instance, webhookFile(path)))).toEqual(['WEBHOOK_PATH_TAKEN'])
  })
})
