import type { CredentialEvent } from '@weconnect/contracts/events/credential'
import { specify } from '@weconnect/testing/specify'
import { test } from 'vitest'
import { type Credential, type CredentialCommand, decideCredential, evolveCredential, noCredential } from './credential.ts'

const organisationId = 'o1'
const ids = { credentialId: 'c1', organisationId }
const data = { keyId: 'k', sealed: 's' }
const created = {
  type: 'CredentialCreated',
  data: { credentialId: 'c1', name: 'Mail', credentialType: 'smtp', ...data },
} as const
const deleted = { type: 'CredentialDeleted', data: {} } as const
const create: CredentialCommand = { type: 'CreateCredential', ...ids, name: ' Mail ', credentialType: 'smtp', data }
const given = specify<Credential, CredentialCommand, CredentialEvent>({
  decide: decideCredential,
  evolve: (state, event) => evolveCredential(state, { ...event, organisationId }),
  initial: noCredential,
})

test('a credential is created once, its name without blanks around it', () => {
  given([])
    .when(create)
    .then([{ type: 'CredentialCreated', data: { credentialId: 'c1', name: 'Mail', credentialType: 'smtp', ...data } }])
  given([created]).when(create).thenThrows('INVALID_STATE')
})
test('a name is needed', () =>
  given([])
    .when({ ...create, name: ' ' })
    .thenThrows('INVALID_INPUT'))
test('another name is recorded, the same name is not', () => {
  given([created])
    .when({ type: 'RenameCredential', ...ids, name: 'Post' })
    .then([{ type: 'CredentialRenamed', data: { name: 'Post' } }])
  given([created])
    .when({ type: 'RenameCredential', ...ids, name: 'Mail' })
    .then([])
})
test('another organisation finds nothing, whatever it asks', () => {
  const theirs = { credentialId: 'c1', organisationId: 'o2' }
  given([created])
    .when({ type: 'RenameCredential', ...theirs, name: 'Mine' })
    .thenThrows('NOT_FOUND')
  given([created])
    .when({ type: 'ReplaceCredentialData', ...theirs, data })
    .thenThrows('NOT_FOUND')
  given([created])
    .when({ type: 'DeleteCredential', ...theirs })
    .thenThrows('NOT_FOUND')
})
test('what is deleted is gone', () => {
  given([created])
    .when({ type: 'DeleteCredential', ...ids })
    .then([{ type: 'CredentialDeleted', data: {} }])
  given([created, deleted])
    .when({ type: 'RenameCredential', ...ids, name: 'Post' })
    .thenThrows('NOT_FOUND')
  given([created, deleted]).when(create).thenThrows('INVALID_STATE')
})
