import { randomUUID } from 'node:crypto'
import { startTestInstance } from '@weconnect/testing/gateway-fixture'
import { codes, usersOf } from '@weconnect/testing/gateway-users'
import { afterAll, describe, expect, test } from 'vitest'

const instance = await startTestInstance()
afterAll(() => instance.close())
const { graphql, tokenOf } = usersOf(instance)

describe('credentials', () => {
  const make = 'mutation ($input: CreateCredentialInput!) { createCredential(input: $input) { credential { id name type } position } }'
  const list = 'query ($at: Position) { credentials(atLeast: $at) { edges { node { id name type allowedDomains isConnected lastTest } } } }'
  const secret = 'canary-credential-81'
  const input = { name: 'Server', type: 'httpBasicAuth', data: { user: 'ada', password: secret } }

  test('made, listed, changed, tried and deleted; what was stored is in no answer, no event and no read model', async () => {
    const answers: unknown[] = []
    const ask = async (query: string, variables: object) => {
      const answer = await graphql(query, variables)
      answers.push(answer.data, answer.errors)
      return answer.data
    }
    const domains = { allowedHttpRequestDomains: 'domains', allowedDomains: '127.0.0.1' }
    const { credential, position } = (await ask(make, { input: { ...input, data: { ...input.data, ...domains } } })).createCredential
    const first = await ask(list, { at: position })
    const row = {
      id: credential.id,
      name: 'Server',
      type: 'httpBasicAuth',
      allowedDomains: ['127.0.0.1'],
      isConnected: false,
      lastTest: null,
    }
    expect(first.credentials.edges).toEqual([{ node: row }])
    const id = credential.id
    const update = 'mutation ($id: ID!) { updateCredential(id: $id, input: {name: "Other"}) { credential { name } } }'
    expect((await ask(update, { id })).updateCredential.credential).toEqual({ name: 'Other' })
    const tried = await ask('mutation ($id: ID!, $url: String) { testCredential(id: $id, url: $url) { ok message position } }', {
      id,
      url: `${instance.url}/health`,
    })
    expect(tried.testCredential).toMatchObject({ ok: true, message: expect.stringContaining('200') })
    const tested = await ask(list, { at: tried.testCredential.position })
    expect(tested.credentials.edges[0].node).toMatchObject({ name: 'Other', lastTest: { ok: true } })
    const events = 'query ($stream: String) { events(stream: $stream) { edges { node { type data } } } }'
    const recorded = (await ask(events, { stream: `credential-${id}` })).events.edges.map(
      ({ node }: { node: { type: string } }) => node.type,
    )
    expect(recorded).toEqual(['CredentialCreated', 'CredentialRenamed', 'CredentialTested'])
    const gone = await ask('mutation ($id: ID!) { deleteCredential(id: $id) { position } }', { id })
    expect((await ask(list, { at: gone.deleteCredential.position })).credentials.edges).toEqual([])
    const rows = await instance.parts.sql.query('select * from credentials')
    for (const found of [answers, rows, instance.logged]) expect(JSON.stringify(found)).not.toContain(secret)
  })

  test('what is wrong is said without its values', async () => {
    const refused = await graphql(make, { input: { ...input, type: 'unknown', data: { password: secret } } })
    expect(codes(refused)).toEqual(['INVALID_INPUT'])
    const text = await graphql(make, { input: { ...input, data: secret } })
    expect(codes(text)).toEqual(['INVALID_INPUT'])
    expect(JSON.stringify([refused, text])).not.toContain(secret)
  })

  test('viewers see names; other organisations see and change nothing', async () => {
    const { credential, position } = (await graphql(make, { input })).data.createCredential
    const viewer = await tokenOf('viewer')
    expect((await graphql(list, { at: position }, viewer)).data.credentials.edges).toHaveLength(1)
    expect(codes(await graphql(make, { input }, viewer))).toEqual(['FORBIDDEN'])
    const stranger = await tokenOf('admin', randomUUID())
    expect((await graphql(list, {}, stranger)).data.credentials.edges).toEqual([])
    const change = 'mutation ($id: ID!) { deleteCredential(id: $id) { position } }'
    expect(codes(await graphql(change, { id: credential.id }, stranger))).toEqual(['NOT_FOUND'])
    const trial = 'mutation ($id: ID!) { testCredential(id: $id, url: "https://example.com") { ok } }'
    expect(codes(await graphql(trial, { id: credential.id }, stranger))).toEqual(['NOT_FOUND'])
  })

  test('the types say what they hold', async () => {
    const { data } = await graphql('{ credentialTypes { name properties } }')
    const names = data.credentialTypes.map(({ name }: { name: string }) => name)
    expect(names).toEqual(expect.arrayContaining(['httpBasicAuth', 'oAuth2Api', 'smtp', 'jwtAuth']))
  })
})
