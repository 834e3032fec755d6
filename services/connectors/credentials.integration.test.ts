import { randomUUID } from 'node:crypto'
import type { Context } from '@weconnect/contracts/envelope'
import { type JournalFixture, openJournalFixture, someContext } from '@weconnect/testing/journal-fixture'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Credentials, openCredentials } from './credentials.ts'
import { credentialWork } from './open-work.ts'

let fixture: JournalFixture
let credentials: Credentials
const unexpected: unknown[] = []
const open = (): Credentials => openCredentials({ ...fixture, newId: randomUUID, onError: (error) => unexpected.push(error) })
const ours: Context = someContext()
const theirs: Context = someContext()
const { organisationId } = ours

beforeAll(async () => {
  fixture = openJournalFixture({ workOf: credentialWork })
  credentials = open()
  await credentials.start()
})
afterAll(async () => {
  await credentials.close()
  await fixture.close()
  expect(unexpected).toEqual([])
})

const basic = (password = 'canary-password') => ({ user: 'ada', password })
const make = async (name: string, context = ours, data = basic()) =>
  (await credentials.create({ name, type: 'httpBasicAuth', data }, context)).credential.credentialId

test('nothing of the fields is in the log, sealed or opened; they open again', async () => {
  const id = await make('sealed')
  for await (const { data, metadata } of fixture.store.read(`credential-${id}`)) {
    const bytes = Buffer.concat([data, metadata]).toString('latin1')
    expect(bytes).not.toContain('canary')
    expect(bytes).not.toContain(Buffer.from('canary-password').toString('base64').slice(0, 16))
  }
  for await (const event of fixture.journal.read(`credential-${id}`)) expect(JSON.stringify(event)).not.toContain('canary')
  expect(await credentials.open(id, organisationId)).toMatchObject({ name: 'sealed', type: 'httpBasicAuth', data: basic(), revision: 0 })
})

test('what is wrong is named, never quoted', async () => {
  const create = (type: string, data: object, name = 'x') => credentials.create({ name, type, data: { ...data } }, ours)
  await expect(create('slackApp', {})).rejects.toMatchObject({ code: 'INVALID_INPUT', message: expect.stringContaining('slackApp') })
  await expect(create('httpBasicAuth', { user: 'canary' })).rejects.toThrow('A credential of type httpBasicAuth needs password')
  await expect(create('httpBasicAuth', basic(), ' ')).rejects.toMatchObject({ code: 'INVALID_INPUT' })
  await expect(create('httpBasicAuth', basic('x'.repeat(70_000)))).rejects.toThrow('at most')
})

test('a reference is an id, or a name that one credential has', async () => {
  const id = await make('by name')
  const resolve = (reference: string | { id?: string; name?: string }) => credentials.resolve(organisationId, 'httpBasicAuth', reference)
  expect((await resolve('by name')).credentialId).toBe(id)
  expect((await resolve({ id: 'kDnfvqrCBJvtlX3o', name: 'by name' })).credentialId).toBe(id)
  expect((await resolve({ id })).credentialId).toBe(id)
  await make('by name')
  await expect(resolve('by name')).rejects.toThrow('2 credentials of type httpBasicAuth are called "by name"')
  await expect(resolve('another')).rejects.toThrow('The credential "another" of type httpBasicAuth does not exist')
  await expect(credentials.resolve(organisationId, 'httpHeaderAuth', { id })).rejects.toThrow('refers to one of type httpBasicAuth')
})

test('an expression is no reference', async () => {
  await make('={{ $json.name }}', theirs)
  await expect(credentials.resolve(organisationId, 'httpBasicAuth', { id: '={{ $json.id }}' })).rejects.toThrow('does not exist')
})

test('a forged reference finds nothing of another organisation, by id or by name', async () => {
  const id = await make('secret of theirs', theirs)
  await expect(credentials.resolve(organisationId, 'httpBasicAuth', { id, name: 'secret of theirs' })).rejects.toThrow('does not exist')
  await expect(credentials.open(id, organisationId)).rejects.toMatchObject({ code: 'NOT_FOUND' })
  await expect(credentials.open(id, organisationId, 0)).rejects.toMatchObject({ code: 'NOT_FOUND' })
  await expect(credentials.update(id, { name: 'mine' }, ours)).rejects.toMatchObject({ code: 'NOT_FOUND' })
  await expect(credentials.remove(id, ours)).rejects.toMatchObject({ code: 'NOT_FOUND' })
  expect(await credentials.isKnown(organisationId, 'httpBasicAuth', { id })).toBe(false)
  expect(await credentials.isKnown(theirs.organisationId, 'httpBasicAuth', { id })).toBe(true)
})

test('sealed bytes moved to another credential do not open', async () => {
  const [id, other] = [await make('from'), randomUUID()]
  const stored: string[] = []
  for await (const { data } of fixture.journal.read(`credential-${id}`)) stored.push(JSON.stringify(data))
  const moved = { ...(JSON.parse(stored[0]!) as object), credentialId: other }
  const event = { type: 'CredentialCreated', data: moved } as never
  await fixture.journal.append(`credential-${other}`, { revision: -1, hash: '' }, [event], ours)
  await expect(credentials.open(other, organisationId)).rejects.toMatchObject({ code: 'PAYLOAD_UNREADABLE' })
})

test('a rename keeps the fields, new fields replace the old and drop the tokens; an old revision still opens', async () => {
  const id = await make('old')
  await credentials.update(id, { name: 'new' }, ours)
  await credentials.storeTokens(id, organisationId, { access_token: 'a' }, undefined)
  expect(await credentials.open(id, organisationId)).toMatchObject({
    name: 'new',
    data: { ...basic(), oauthTokenData: { access_token: 'a' } },
  })
  await credentials.update(id, { data: basic('another') }, ours)
  expect((await credentials.open(id, organisationId)).data).toEqual(basic('another'))
  expect(await credentials.open(id, organisationId, 0)).toMatchObject({ name: 'old', data: basic() })
})

test('a deleted credential is found by nobody', async () => {
  const id = await make('gone')
  await credentials.remove(id, ours)
  await expect(credentials.open(id, organisationId)).rejects.toMatchObject({ code: 'NOT_FOUND' })
  await expect(credentials.resolve(organisationId, 'httpBasicAuth', 'gone')).rejects.toThrow('does not exist')
  await expect(credentials.resolve(organisationId, 'httpBasicAuth', { id, name: 'gone' })).rejects.toThrow('was deleted')
})

test('names are known again after a start, and those of another process are seen', async () => {
  const id = await make('kept')
  const again = open()
  await again.start()
  expect((await again.resolve(organisationId, 'httpBasicAuth', 'kept')).credentialId).toBe(id)
  const later = await make('made meanwhile')
  await expect.poll(() => again.isKnown(organisationId, 'httpBasicAuth', 'made meanwhile'), { timeout: 10_000 }).toBe(true)
  expect((await again.resolve(organisationId, 'httpBasicAuth', { id: later })).name).toBe('made meanwhile')
  await again.close()
})
