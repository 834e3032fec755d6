import { createHash, randomUUID } from 'node:crypto'
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { openAuthenticatedEgress } from '@weconnect/connectors/authenticated-egress'
import type { JsonObject } from '@weconnect/contracts/json'
import { parseEgressAllow } from '@weconnect/http/address-guard'
import { openEgress } from '@weconnect/http/egress'
import { startTestInstance, type TestInstance } from '@weconnect/testing/gateway-fixture'
import { afterAll, beforeAll, expect, test } from 'vitest'

/** An OAuth2 server: it agrees at once, gives tokens for codes and refresh tokens, once each, and answers at /api who comes with the newest token. */
const codes = new Map<string, { readonly challenge: string | null; readonly redirectUri: string }>()
const refreshTokens = new Set<string>()
let accessToken = ''
let trades = 0
let refusals = 0

const bodyOf = async (request: IncomingMessage): Promise<URLSearchParams> => {
  let text = ''
  for await (const chunk of request) text += chunk
  return new URLSearchParams(text)
}
const proves = (verifier: string | null, challenge: string | null): boolean =>
  challenge === null ||
  createHash('sha256')
    .update(verifier ?? '')
    .digest('base64url') === challenge

const server = createServer(async (request, response) => {
  const url = new URL(request.url ?? '/', 'http://localhost')
  if (url.pathname === '/authorize') {
    const code = randomUUID()
    const redirectUri = url.searchParams.get('redirect_uri') ?? ''
    codes.set(code, { challenge: url.searchParams.get('code_challenge'), redirectUri })
    const back = new URL(redirectUri)
    back.searchParams.set('state', url.searchParams.get('state') ?? '')
    if (url.searchParams.get('prompt') === 'refuse') back.searchParams.set('error', 'access_denied')
    else back.searchParams.set('code', code)
    response.writeHead(302, { location: back.href }).end()
    return
  }
  if (url.pathname === '/token') {
    const form = await bodyOf(request)
    const grant = codes.get(form.get('code') ?? '')
    const isCode =
      grant !== undefined && grant.redirectUri === form.get('redirect_uri') && proves(form.get('code_verifier'), grant.challenge)
    codes.delete(form.get('code') ?? '')
    const isRefresh = refreshTokens.delete(form.get('refresh_token') ?? '')
    if (!isCode && !isRefresh) {
      response.writeHead(400, { 'content-type': 'application/json' }).end('{"error":"invalid_grant"}')
      return
    }
    trades += 1
    accessToken = `access-${randomUUID()}`
    const refresh = `refresh-${randomUUID()}`
    refreshTokens.add(refresh)
    response
      .writeHead(200, { 'content-type': 'application/json' })
      .end(JSON.stringify({ access_token: accessToken, refresh_token: refresh, token_type: 'bearer', expires_in: 3600 }))
    return
  }
  const known = request.headers.authorization === `Bearer ${accessToken}`
  if (!known) refusals += 1
  response.writeHead(known ? 200 : 401, { 'content-type': 'text/plain' }).end(known ? 'welcome' : 'who are you?')
})

let instance: TestInstance
let service = ''
let organisationId = ''
beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  service = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  instance = await startTestInstance()
}, 120_000)
afterAll(async () => {
  await instance?.close()
  server.close()
})

const created = async (grantType: string, more: JsonObject = {}): Promise<string> => {
  const data = {
    ...{ grantType, authUrl: `${service}/authorize`, accessTokenUrl: `${service}/token`, clientId: 'we', clientSecret: 'client secret' },
    ...more,
  }
  const mutation = 'mutation ($input: CreateCredentialInput!) { createCredential(input: $input) { credential { id organizationId } } }'
  const { data: made } = await instance.graphql(mutation, { input: { name: `${grantType} ${randomUUID()}`, type: 'oAuth2Api', data } })
  organisationId = made.createCredential.credential.organizationId
  return made.createCredential.credential.id
}
const begun = (id: string) =>
  instance.graphql('mutation ($id: ID!) { connectCredential(id: $id) { authorizationUrl redirectUri expiresAt } }', { id })
const addressFor = async (id: string): Promise<string> => (await begun(id)).data.connectCredential.authorizationUrl
/** What a browser does: follows the service back. */
const agreed = async (address: string): Promise<{ readonly back: string; readonly status: number; readonly page: string }> => {
  const answer = await fetch(address, { redirect: 'manual' })
  const back = answer.headers.get('location') ?? ''
  const page = await fetch(back)
  return { back, status: page.status, page: await page.text() }
}
const connected = async (grantType: string): Promise<string> => {
  const id = await created(grantType)
  expect(await agreed(await addressFor(id))).toMatchObject({ status: 200, page: expect.stringContaining('Connected') })
  return id
}
/** The way out of the engine's nodes, with this credential as the node's own. */
const way = () =>
  openAuthenticatedEgress(openEgress({ allow: parseEgressAllow('127.0.0.0/8') }), {
    ...{ credentials: instance.credentials, now: instance.parts.now, newNonce: randomUUID },
  })
const asked = (egress: ReturnType<typeof way>, id: string) =>
  egress.request(
    { method: 'GET', url: `${service}/api`, credential: 'oAuth2Api' },
    { organisationId, credentials: { oAuth2Api: { id, name: '' } } },
  )

test.each(['authorizationCode', 'pkce'])('a person connects a credential (%s), and requests go out with its token', async (grantType) => {
  const id = await connected(grantType)
  expect(await asked(way(), id)).toMatchObject({ status: 200, body: 'welcome' })
})

test('the address asks for what the credential says, and proves who began', async () => {
  const id = await created('pkce', { scope: 'read write', authQueryParameters: 'access_type=offline&state=mine' })
  const { authorizationUrl, redirectUri } = (await begun(id)).data.connectCredential
  const { searchParams } = new URL(authorizationUrl)
  expect(redirectUri).toBe(`${instance.url}/rest/oauth2-credential/callback`)
  expect(Object.fromEntries(searchParams)).toMatchObject({
    ...{ response_type: 'code', client_id: 'we', redirect_uri: redirectUri, scope: 'read write', access_type: 'offline' },
    ...{ code_challenge_method: 'S256', state: expect.stringMatching(/^[\w-]{100,}$/) },
  })
  expect(authorizationUrl).not.toContain('secret')
})

test('an answer is good once, not after ten minutes, not when it was changed, and not for a credential that has changed', async () => {
  const id = await created('pkce')
  const { back } = await agreed(await addressFor(id))
  const again = async (address: string) => {
    const page = await fetch(address)
    return { status: page.status, text: await page.text() }
  }
  expect(await again(back)).toMatchObject({ status: 400, text: expect.stringContaining('was used') })

  const forged = new URL(back)
  const state = forged.searchParams.get('state') ?? ''
  forged.searchParams.set('state', `${state.slice(0, -4)}AAAA`)
  expect(await again(forged.href)).toMatchObject({ status: 400, text: expect.stringContaining('no answer to a connection') })

  const answerFor = async () => (await fetch(await addressFor(id), { redirect: 'manual' })).headers.get('location') ?? ''
  const late = await answerFor()
  instance.advance(11 * 60_000)
  expect(await again(late)).toMatchObject({ status: 400, text: expect.stringContaining('too long') })

  const before = await answerFor()
  await instance.graphql('mutation ($id: ID!) { updateCredential(id: $id, input: {name: "Renamed"}) { position } }', { id })
  expect(await again(before)).toMatchObject({ status: 400, text: expect.stringContaining('has changed') })
})

test('two answers at once trade one code once', async () => {
  const id = await created('authorizationCode')
  const back = (await fetch(await addressFor(id), { redirect: 'manual' })).headers.get('location') ?? ''
  const before = trades
  const both = await Promise.all([fetch(back), fetch(back)])
  expect(both.map(({ status }) => status).sort()).toEqual([200, 400])
  expect(trades).toBe(before + 1)
})

test('a service that refuses is quoted as text, not as a page', async () => {
  const id = await created('authorizationCode', { authQueryParameters: 'prompt=refuse' })
  const answer = await fetch(await addressFor(id), { redirect: 'manual' })
  const back = new URL(answer.headers.get('location') ?? '')
  back.searchParams.set('error_description', '<script>alert(1)</script>')
  const page = await fetch(back)
  expect(page.status).toBe(400)
  expect(page.headers.get('content-security-policy')).toContain("default-src 'none'")
  expect(page.headers.get('referrer-policy')).toBe('no-referrer')
  expect(await page.text()).toContain('&lt;script&gt;')
})

test('only who manages credentials begins, and only for OAuth2 that a person connects', async () => {
  const codes = (answer: Awaited<ReturnType<typeof begun>>) => answer.errors.map(({ extensions }) => extensions.code)
  expect(codes(await begun(await created('clientCredentials')))).toEqual(['INVALID_INPUT'])
  expect(codes(await begun(randomUUID()))).toEqual(['NOT_FOUND'])
  const anonymous = await instance.graphql('mutation { connectCredential(id: "x") { redirectUri } }', {}, null)
  expect(codes(anonymous)).toEqual(['UNAUTHENTICATED'])
})

test('a refused token is renewed once for all who wait, and one that is over before it is sent', async () => {
  const id = await connected('authorizationCode')
  const egress = way()
  accessToken = 'revoked by the service'
  const before = trades
  const answers = await Promise.all([asked(egress, id), asked(egress, id), asked(egress, id)])
  expect(answers.map(({ status }) => status)).toEqual([200, 200, 200])
  expect(trades).toBe(before + 1)

  refusals = 0
  instance.advance(2 * 3_600_000)
  expect(await asked(egress, id)).toMatchObject({ status: 200 })
  expect([trades, refusals]).toEqual([before + 2, 0])
})

test('tokens and codes are in no event and no log line', async () => {
  await connected('pkce')
  const events = await instance.journal.readAll({ limit: 10_000 })
  const texts = JSON.stringify([events, instance.logged])
  for (const secret of [accessToken, [...refreshTokens].at(-1) ?? '', 'client secret']) {
    expect(secret).not.toBe('')
    expect(texts).not.toContain(secret)
  }
})
