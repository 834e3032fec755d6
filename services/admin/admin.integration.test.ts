import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openFileBlobs } from '@weconnect/blobs/files'
import { openEmbeddedEventStore } from '@weconnect/eventstore/embedded'
import { openJournal } from '@weconnect/eventstore/open-journal'
import { openKeyFile } from '@weconnect/secrets/key-file'
import { v4 as uuid } from 'uuid'
import { afterAll, expect, test } from 'vitest'
import { openAdmin, userIdOf } from './admin.ts'

const folder = mkdtempSync(join(tmpdir(), 'weconnect-admin-'))
const keyring = openKeyFile(join(folder, 'keys.json'))
const store = openEmbeddedEventStore({ folder })
const blobs = openFileBlobs({ folder: join(folder, 'blobs'), addressKey: () => Buffer.alloc(32) })
const journal = openJournal({ store, keyring, blobs, now: () => new Date().toISOString(), newId: uuid })
const start = () => openAdmin({ journal, keyring, newId: uuid, now: Date.now, random: (bytes) => Buffer.alloc(bytes, 5) })
const email = 'ada@example.org'

afterAll(async () => {
  await store.close()
  rmSync(folder, { recursive: true })
})

test('the first start makes the owner and says the password once; later starts find the owner', async () => {
  const first = await start().ensureOwner({ email })
  expect(first).toMatchObject({ email, role: 'owner', userId: userIdOf(email) })
  expect(first.generatedPassword).toMatch(/^[\w-]{24}$/)
  const again = await start().ensureOwner({ email: ' ADA@example.org' })
  expect(again).toEqual({ userId: first.userId, organisationId: first.organisationId, email, role: 'owner' })
})

test('the owner signs in with that password, and the token is theirs', async () => {
  const admin = start()
  const { token, user } = await admin.signIn(email, Buffer.alloc(18, 5).toString('base64url'))
  expect(await admin.verifyToken(token)).toEqual({ userId: user.userId, organisationId: user.organisationId, role: 'owner' })
})

test('a wrong password and an unknown address are answered alike', async () => {
  const refusal = { code: 'UNAUTHENTICATED', message: 'Wrong address or password' }
  await expect(start().signIn(email, 'wrong')).rejects.toMatchObject(refusal)
  await expect(start().signIn('eve@example.org', 'wrong')).rejects.toMatchObject(refusal)
})

test('sign-ins at the same moment are all recorded', async () => {
  const admin = start()
  const issued = await Promise.all([1, 2, 3, 4].map(() => admin.issueToken(userIdOf(email))))
  expect(new Set(issued.map(({ token }) => token)).size).toBe(4)
  const types: string[] = []
  for await (const { type } of journal.read(`user-${userIdOf(email)}`)) types.push(type)
  expect(types).toEqual(['UserRegistered', ...Array.from({ length: 5 }, () => 'UserSignedIn')])
})

test('neither address nor password nor hash is in the log in clear', async () => {
  for await (const { data, metadata } of store.read(`user-${userIdOf(email)}`)) {
    const bytes = Buffer.concat([data, metadata]).toString('latin1')
    expect(bytes).not.toContain('ada@')
    expect(bytes).not.toContain('scrypt')
  }
})

test('tokens are for known users and a sensible time', async () => {
  await expect(start().issueToken(uuid())).rejects.toMatchObject({ code: 'NOT_FOUND' })
  await expect(start().issueToken(userIdOf(email), 0)).rejects.toMatchObject({ code: 'INVALID_INPUT' })
})
