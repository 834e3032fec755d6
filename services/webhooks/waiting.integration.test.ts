import { randomUUID } from 'node:crypto'
import { defaultOrganisationId } from '@weconnect/admin/admin'
import type { JsonObject } from '@weconnect/contracts/json'
import { startTestInstance } from '@weconnect/testing/gateway-fixture'
import { codeOf, type GivenNode, jsonOf, webhooksOf } from '@weconnect/testing/live-webhook'
import { afterAll, describe, expect, test } from 'vitest'

const instance = await startTestInstance()
afterAll(() => instance.close())
const { live, post } = webhooksOf(instance)
const ours = () => ({ ...instance.context, organisationId: defaultOrganisationId })

describe('an execution that waits for a call (n8n #13633, PR #10992: who called first is answered, and who ends the wait)', () => {
  /** Answers the first call with the address of the second. */
  const asking = async (parameters: JsonObject = {}, behind: readonly GivenNode[] = [], credentials: JsonObject = {}) => {
    const { path } = await live({
      parameters: { responseMode: 'responseNode' },
      steps: [
        {
          type: 'respondToWebhook',
          version: 1.1,
          parameters: { respondWith: 'text', responseBody: '={{ $execution.resumeUrl }}', options: {} },
        },
        { type: 'wait', version: 1.1, parameters: { resume: 'webhook', httpMethod: 'POST', ...parameters }, credentials },
        ...behind,
      ],
    })
    const url = new URL(await (await post(path, '{}', 'application/json')).text())
    const address = `${instance.url}${url.pathname}${url.search}`
    const id = url.pathname.split('/')[2] ?? ''
    await expect.poll(async () => (await instance.executions.view(id, defaultOrganisationId)).status, { timeout: 20_000 }).toBe('waiting')
    return { id, address }
  }
  const send = (address: string, init: RequestInit = {}): Promise<Response> =>
    fetch(address, { method: 'POST', body: '{"approved":true}', headers: { 'content-type': 'application/json' }, ...init })

  test('goes on with the body, and answers with its last node', async () => {
    const { id, address } = await asking({ responseMode: 'lastNode' }, [
      {
        type: 'set',
        version: 3.4,
        parameters: {
          assignments: { assignments: [{ id: 'a', name: 'said', value: '={{ $json.body.approved }}', type: 'boolean' }] },
          options: {},
        },
      },
    ])
    const answer = await send(address)
    expect([answer.status, await jsonOf(answer)]).toEqual([200, { said: true }])
    expect(await codeOf(await send(address))).toEqual([409, 'INVALID_STATE'])
    // The signature is what lets a caller in: it is recorded where it was given out, and not with the call.
    const events = await instance.executions.events(id, defaultOrganisationId)
    const resumed = events.find(({ type }) => type === 'ExecutionResumed')
    expect(JSON.stringify(resumed?.data)).toContain('approved')
    expect(JSON.stringify(resumed?.data)).not.toContain('signature')
  })

  test('at a suffix, by its method, with its signature only', async () => {
    const { address } = await asking({ options: { webhookSuffix: 'approve' } })
    const [path, query] = address.split('?')
    expect(await codeOf(await send(address))).toEqual([404, 'WEBHOOK_NOT_FOUND'])
    expect(await codeOf(await send(`${path}/approve?${query}x`))).toEqual([403, 'FORBIDDEN'])
    expect(await codeOf(await send(`${path}/approve`))).toEqual([403, 'FORBIDDEN'])
    expect(await codeOf(await fetch(`${path}/approve?${query}`))).toEqual([405, 'METHOD_NOT_ALLOWED'])
    const answer = await send(`${path}/approve?${query}`)
    expect([answer.status, (await jsonOf(answer))['message']]).toEqual([200, 'Workflow was started'])
  })

  test('asks who calls where the node says so, and leaves out bots', async () => {
    const data = { user: 'ada', password: 'canary-waiting' }
    const { credentialId: id } = (await instance.credentials.create({ name: 'Resume', type: 'httpBasicAuth', data }, ours())).credential
    const parameters = { incomingAuthentication: 'basicAuth', options: { ignoreBots: true } }
    const { id: execution, address } = await asking(parameters, [], { httpBasicAuth: { id } })
    const from = (authorization: string, agent = 'Chrome/126.0') => ({ headers: { authorization, 'user-agent': agent } })
    const basic = (text: string) => `Basic ${Buffer.from(text).toString('base64')}`
    expect(await codeOf(await send(address))).toEqual([401, 'UNAUTHENTICATED'])
    expect(await codeOf(await send(address, from(basic('ada:no'))))).toEqual([403, 'FORBIDDEN'])
    expect(await codeOf(await send(address, from(basic('ada:canary-waiting'), 'Googlebot/2.1')))).toEqual([403, 'FORBIDDEN'])
    expect((await send(address, from(basic('ada:canary-waiting')))).status).toBe(200)
    expect(JSON.stringify(await instance.executions.events(execution, defaultOrganisationId))).not.toContain(basic('ada:canary-waiting'))
  })

  test('is told so when nothing waits, or nothing ever was', async () => {
    const { id, address } = await asking()
    expect(await instance.executions.resume(id, [{ json: {} }], ours())).toMatchObject({ stream: `execution-${id}` })
    expect(await codeOf(await send(address))).toEqual([409, 'INVALID_STATE'])
    expect(await codeOf(await send(`${instance.url}/webhook-waiting/${randomUUID()}?signature=x`))).toEqual([403, 'FORBIDDEN'])
  })
})
