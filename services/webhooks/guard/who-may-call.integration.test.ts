import { createHmac, randomUUID } from 'node:crypto'
import { defaultOrganisationId } from '@weconnect/admin/admin'
import type { JsonObject } from '@weconnect/contracts/json'
import { startTestInstance } from '@weconnect/testing/gateway-fixture'
import { codeOf, importOn, jsonOf, webhookFile, webhooksOf } from '@weconnect/testing/live-webhook'
import { afterAll, describe, expect, test } from 'vitest'

const instance = await startTestInstance()
afterAll(() => instance.close())
const { live, call, raw, executionsOf, head } = webhooksOf(instance)
const ours = () => ({ ...instance.context, organisationId: defaultOrganisationId })

describe('who may call', () => {
  const create = async (type: string, data: JsonObject, context = ours()) =>
    (await instance.credentials.create({ name: `C ${randomUUID()}`, type, data: data as never }, context)).credential
  const basic = (user: string, password: string) => ({ authorization: `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}` })
  const tokenWith = (payload: object, secret = 'of the webhook', alg = 'HS256') => {
    const [head, body] = [{ alg, typ: 'JWT' }, payload].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
    const signature = alg === 'none' ? '' : createHmac('sha256', secret).update(`${head}.${body}`).digest('base64url')
    return { authorization: `Bearer ${head}.${body}.${signature}` }
  }
  const callWith = (path: string, headers: Record<string, string> = {}) =>
    call(path, { body: '{"a":1}', headers: { 'content-type': 'application/json', ...headers } })

  test('those who know user and password; the others leave no trace', async () => {
    const { credentialId: id } = await create('httpBasicAuth', { user: 'ada', password: 'pässword' })
    const { path, workflowId } = await live({ parameters: { authentication: 'basicAuth' }, credentials: { httpBasicAuth: { id } } })
    const before = await head()
    const unproven = await callWith(path)
    expect([unproven.status, unproven.headers.get('www-authenticate')]).toEqual([401, 'Basic realm="Webhook", charset="UTF-8"'])
    for (const wrong of [basic('ada', 'wrong'), basic('ad', 'a:pässword'), basic('', ''), { authorization: 'Bearer x' }])
      expect([401, 403]).toContain((await callWith(path, wrong)).status)
    expect(await head()).toEqual(before)
    expect((await callWith(path, basic('ada', 'pässword'))).status).toBe(200)
    expect(await executionsOf(workflowId)).toHaveLength(1)
  })

  test('those who send the header, which is not kept', async () => {
    const { name } = await create('httpHeaderAuth', { name: 'X-Door', value: 'canary-door' })
    const { path } = await live({ parameters: { authentication: 'headerAuth' }, credentials: { httpHeaderAuth: { id: 'n8n', name } } })
    expect(await codeOf(await callWith(path))).toEqual([403, 'FORBIDDEN'])
    expect(await codeOf(await callWith(path, { 'x-door': 'canary-doo' }))).toEqual([403, 'FORBIDDEN'])
    const answer = await jsonOf(await callWith(path, { 'x-door': 'canary-door', 'x-other': 'kept' }))
    expect(answer['headers']).toMatchObject({ 'x-other': 'kept' })
    expect(JSON.stringify(answer)).not.toContain('canary-door')
  })

  test('bearers of a token that was signed with the secret; the workflow sees what it says', async () => {
    const { credentialId: id } = await create('jwtAuth', { keyType: 'passphrase', secret: 'of the webhook', algorithm: 'HS256' })
    const { path } = await live({ parameters: { authentication: 'jwtAuth' }, credentials: { jwtAuth: { id } } })
    expect((await callWith(path)).status).toBe(401)
    const now = Math.floor(Date.now() / 1000)
    const refused = [
      tokenWith({ sub: 'ada' }, 'another secret'),
      tokenWith({ sub: 'ada' }, '', 'none'),
      tokenWith({ sub: 'ada' }, 'of the webhook', 'HS512'),
      tokenWith({ sub: 'ada', exp: now - 60 }),
      tokenWith({ sub: 'ada', nbf: now + 3600 }),
      { authorization: 'Bearer a.b.c' },
    ]
    for (const headers of refused) expect(await codeOf(await callWith(path, headers))).toEqual([403, 'FORBIDDEN'])
    const answer = await jsonOf(await callWith(path, tokenWith({ sub: 'ada', exp: now + 3600 })))
    expect(answer).toMatchObject({ jwtPayload: { sub: 'ada' }, body: { a: 1 } })
  })

  test('nobody, when the credential is missing, deleted, of another type, or of another organisation', async () => {
    const { credentialId: gone } = await create('httpBasicAuth', { user: 'a', password: 'b' })
    const theirs = await create('httpBasicAuth', { user: 'a', password: 'b' }, { ...ours(), organisationId: randomUUID() })
    const { credentialId: other } = await create('httpHeaderAuth', { name: 'a', value: 'b' })
    const authentication = { parameters: { authentication: 'basicAuth' } }
    const references = [undefined, {}, ...[gone, theirs.credentialId, other].map((id) => ({ httpBasicAuth: { id } }))]
    for (const credentials of references) {
      const { path } = await live({ ...authentication, ...(credentials && { credentials }) })
      if (credentials && JSON.stringify(credentials).includes(gone)) {
        expect((await callWith(path, basic('a', 'b'))).status).toBe(200)
        await instance.credentials.remove(gone, ours())
      }
      expect(await codeOf(await callWith(path, basic('a', 'b')))).toEqual([403, 'FORBIDDEN'])
    }
  })

  test('the body stays on the wire until the caller was let in', async () => {
    const { credentialId: id } = await create('httpBasicAuth', { user: 'ada', password: 'right' })
    const { path } = await live({ parameters: { authentication: 'basicAuth' }, credentials: { httpBasicAuth: { id } } })
    const request = `POST /webhook/${path} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 1000000\r\nConnection: close\r\n\r\n{`
    expect(await raw(request)).toMatch(/^HTTP\/1\.1 401 /)
  })

  test('a test address asks as well, and a refused call does not use it up', async () => {
    const { credentialId: id } = await create('httpBasicAuth', { user: 'ada', password: 'right' })
    const path = randomUUID()
    const workflowId = await importOn(
      instance,
      webhookFile(path, { parameters: { authentication: 'basicAuth' }, credentials: { httpBasicAuth: { id } } }),
    )
    await instance.ingress.tests.listen(workflowId, ours())
    const send = (headers: Record<string, string>) => fetch(`${instance.url}/webhook-test/${path}`, { method: 'POST', headers })
    expect((await send({})).status).toBe(401)
    expect((await send(basic('ada', 'right'))).status).toBe(200)
  })
})
