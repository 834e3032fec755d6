import type { HttpRequest, HttpResponse } from '@weconnect/contracts/http'
import type { JsonObject } from '@weconnect/contracts/json'
import { describe, expect, test } from 'vitest'
import { domainsOf } from './allowed-domains.ts'
import { openAuthenticatedEgress } from './authenticated-egress.ts'
import type { Credentials, UsableCredential } from './credentials.ts'

const answer = (body = '{}', more: Partial<HttpResponse> = {}): HttpResponse => ({
  status: 200,
  statusText: 'OK',
  headers: {},
  body,
  bodyEncoding: 'utf8',
  url: 'https://api.test/',
  ...more,
})

/** One credential, and a service that keeps what it was sent. */
const world = (type: string, data: JsonObject, respond: (request: HttpRequest) => HttpResponse = () => answer()) => {
  const sent: HttpRequest[] = []
  let revision = 0
  let fields = data
  const credential = (): UsableCredential => {
    const domains = domainsOf(data)
    return { credentialId: 'c', name: 'C', type, revision, data: fields, ...(domains && { allowedDomains: domains }) }
  }
  const credentials = {
    resolve: async () => credential(),
    open: async () => credential(),
    storeTokens: async (_id: string, _organisation: string, oauthTokenData: JsonObject) => {
      revision += 1
      fields = { ...fields, oauthTokenData }
    },
  } as unknown as Credentials
  const egress = {
    request: async (request: HttpRequest) => {
      sent.push(request)
      return respond(request)
    },
  }
  const { request } = openAuthenticatedEgress(egress, { credentials, now: () => 1_318_622_958_000, newNonce: () => 'nonce' })
  const send = (more: Partial<HttpRequest> = {}) =>
    request(
      { method: 'GET', url: 'https://api.test/a?b=1', credential: type, ...more },
      { organisationId: 'o', credentials: { [type]: 'C' } },
    )
  return { sent, send, fields: () => fields }
}

const header = (request: HttpRequest | undefined, name: string) => request?.headers?.[name]

describe('each kind of credential', () => {
  test('basic, header, bearer', async () => {
    const basic = world('httpBasicAuth', { user: 'ada', password: 'pässword' })
    await basic.send({ headers: { Authorization: 'typed by hand' } })
    expect(basic.sent[0]?.headers).toEqual({ authorization: `Basic ${Buffer.from('ada:pässword').toString('base64')}` })
    const named = world('httpHeaderAuth', { name: 'X-API-Key', value: 'abcdefgh' })
    await named.send()
    expect(header(named.sent[0], 'X-API-Key')).toBe('abcdefgh')
    expect(named.sent[0]?.secretHeaders).toEqual(['x-api-key'])
    const bearer = world('httpBearerAuth', { token: 'abcdefgh' })
    await bearer.send()
    expect(header(bearer.sent[0], 'authorization')).toBe('Bearer abcdefgh')
  })
  test('query and custom', async () => {
    const query = world('httpQueryAuth', { name: 'key', value: 'a b&c' })
    await query.send()
    expect(query.sent[0]?.url).toBe('https://api.test/a?b=1&key=a+b%26c')
    const json = JSON.stringify({ headers: { 'X-A': 'one' }, qs: { q: 2 }, body: { token: 'three' } })
    const custom = world('httpCustomAuth', { json })
    await custom.send({ method: 'POST', body: '{"own":1}', headers: { 'content-type': 'application/json' } })
    expect(custom.sent[0]).toMatchObject({ url: 'https://api.test/a?b=1&q=2', body: '{"own":1,"token":"three"}', secretBody: true })
    expect(header(custom.sent[0], 'X-A')).toBe('one')
  })
  test('the type of the credential is for us alone', async () => {
    const { sent, send } = world('httpBearerAuth', { token: 'abcdefgh' })
    await send()
    expect(sent[0]).not.toHaveProperty('credential')
  })
  test('digest answers the challenge of RFC 7616', async () => {
    const challenge =
      'Digest realm="http-auth@example.org", qop="auth, auth-int", algorithm=SHA-256, nonce="7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v", opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS"'
    const { sent, send } = world('httpDigestAuth', { user: 'Mufasa', password: 'Circle of Life' }, ({ headers }) =>
      headers?.['authorization'] ? answer('in') : answer('', { status: 401, headers: { 'www-authenticate': challenge } }),
    )
    expect((await send({ url: 'http://www.example.org/dir/index.html' })).body).toBe('in')
    expect(sent).toHaveLength(2)
    expect(header(sent[1], 'authorization')).toMatch(
      /^Digest username="Mufasa", .*uri="\/dir\/index\.html".*qop=auth, nc=00000001.*response="[0-9a-f]{64}"/,
    )
  })
  test('OAuth1 signs as the example of the Twitter documentation does', async () => {
    const { sent, send } = world('oAuth1Api', {
      consumerKey: 'xvz1evFS4wEEPTGEFPHBog',
      consumerSecret: 'kAcSOqF21Fu85e7zjz7ZN2U4ZRhfV3WpwPAoE3Z7kBw',
      signatureMethod: 'HMAC-SHA1',
      oauthTokenData: {
        oauth_token: '370773112-GmHxMAgYyLbNEtIKZeRNFsMKPR9EyMZeS9weJAEb',
        oauth_token_secret: 'LswwdoUaIvS8ltyTt5jkRh4J50vUPVVHtR2YPi5kE',
      },
    })
    await send({ method: 'POST', url: 'https://api.twitter.com/1.1/statuses/update.json?include_entities=true' })
    const parts = header(sent[0], 'authorization')
    expect(parts).toMatch(/^OAuth oauth_consumer_key="xvz1evFS4wEEPTGEFPHBog", oauth_nonce="nonce"/)
    expect(parts).toMatch(/oauth_signature="[A-Za-z0-9%]+"$/)
  })
})

describe('OAuth2', () => {
  const data = { accessTokenUrl: 'https://auth.test/token', clientId: 'id', clientSecret: 'client-secret', scope: 'read' }
  const service =
    (good: string) =>
    ({ url, headers }: HttpRequest): HttpResponse => {
      if (url === data.accessTokenUrl) return answer(JSON.stringify({ access_token: good, expires_in: 60 }))
      return headers?.['authorization'] === `Bearer ${good}` ? answer('in') : answer('out', { status: 401 })
    }

  test('client credentials get a token once and keep it', async () => {
    const { sent, send, fields } = world('oAuth2Api', { ...data, grantType: 'clientCredentials' }, service('first-token'))
    expect((await send()).body).toBe('in')
    expect((await send()).body).toBe('in')
    expect(sent.map(({ url }) => url)).toEqual([data.accessTokenUrl, 'https://api.test/a?b=1', 'https://api.test/a?b=1'])
    expect(sent[0]?.body).toBe('grant_type=client_credentials&scope=read')
    expect(header(sent[0], 'authorization')).toBe(`Basic ${Buffer.from('id:client-secret').toString('base64')}`)
    expect(fields()['oauthTokenData']).toMatchObject({ access_token: 'first-token' })
  })
  test('a refused token is renewed once for all requests that wait', async () => {
    const oauthTokenData = { access_token: 'stale-token', refresh_token: 'refresh-me' }
    const { sent, send, fields } = world('oAuth2Api', { ...data, authentication: 'body', oauthTokenData }, service('fresh-token'))
    expect((await Promise.all([send(), send(), send()])).map(({ body }) => body)).toEqual(['in', 'in', 'in'])
    const renewals = sent.filter(({ url }) => url === data.accessTokenUrl)
    expect(renewals).toHaveLength(1)
    expect(renewals[0]?.body).toBe('refresh_token=refresh-me&grant_type=refresh_token&client_id=id&client_secret=client-secret')
    expect(fields()['oauthTokenData']).toMatchObject({ access_token: 'fresh-token', refresh_token: 'refresh-me' })
  })
  test('without a way to a new token the refusal is the answer', async () => {
    const { send } = world('oAuth2Api', { ...data, oauthTokenData: { access_token: 'stale-token' } }, service('fresh-token'))
    expect((await send()).status).toBe(401)
    await expect(world('oAuth2Api', data).send()).rejects.toThrow('not connected yet')
  })
  test('what the service says of a refusal holds no secret', async () => {
    const refusal = answer('{"error":"bad client-secret of id"}', { status: 400 })
    const { send } = world('oAuth2Api', { ...data, grantType: 'clientCredentials' }, () => refusal)
    await expect(send()).rejects.toThrow('gave no access token (status 400): bad **hidden** of id')
  })
})

describe('secrets stay here', () => {
  test('an echo of the request comes back masked: text, headers, address, bytes', async () => {
    const echo = ({ url, headers = {} }: HttpRequest) =>
      answer(JSON.stringify({ url, headers }), { url, headers: { seen: JSON.stringify(headers) } })
    for (const [type, data, secret] of [
      ['httpBasicAuth', { user: 'ada', password: 'canary-secret' }, Buffer.from('ada:canary-secret').toString('base64')],
      ['httpQueryAuth', { name: 'key', value: 'canary secret/1' }, 'canary'],
      ['httpHeaderAuth', { name: 'X-Key', value: 'canary-"quoted"' }, 'canary'],
      ['httpCustomAuth', { json: '{"headers":{"X-A":"canary-custom"}}' }, 'canary'],
    ] as const) {
      const response = await world(type, data, echo).send()
      expect(JSON.stringify(response), type).not.toContain(secret)
      expect(JSON.stringify(response), type).toContain('**hidden**')
    }
    const bytes = Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from('canary-token')])
    const response = await world('httpBearerAuth', { token: 'canary-token' }, () =>
      answer(bytes.toString('base64'), { bodyEncoding: 'base64' }),
    ).send()
    expect(Buffer.from(response.body, 'base64').toString('latin1')).toBe('\xff\xfe**hidden**')
  })
  test('hosts that are not named get nothing', async () => {
    const data = { token: 'abcdefgh', allowedHttpRequestDomains: 'domains', allowedDomains: 'api.test, *.example.com' }
    const { send, sent } = world('httpBearerAuth', data)
    await send({ secretsFollowRedirects: true })
    expect(sent[0]?.secretsFollowRedirects).toBe(false)
    await send({ url: 'https://eu.example.com/' })
    for (const url of [
      'https://evil.test/',
      'https://example.com/',
      'https://evilexample.com/',
      'https://api.test.evil.test/',
      'https://api.test@evil.test/',
    ])
      await expect(send({ url }), url).rejects.toMatchObject({ code: 'EGRESS_DENIED' })
    await expect(world('httpBearerAuth', { ...data, allowedHttpRequestDomains: 'none' }).send()).rejects.toThrow(
      'may not be used in HTTP requests',
    )
    expect(sent).toHaveLength(2)
  })
  test('credentials that are not for requests go into none', () =>
    expect(world('smtp', { password: 'abcdefgh' }).send()).rejects.toThrow('cannot be used in HTTP requests'))
})
