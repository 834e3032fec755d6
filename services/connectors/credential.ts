import { WeConnectError } from '@weconnect/contracts/errors'
import type { CredentialEvent } from '@weconnect/contracts/events/credential'

/** Secret fields as the log has them. */
export interface Sealed {
  readonly keyId: string
  /** Base64. */
  readonly sealed: string
}

export interface PresentCredential {
  readonly status: 'present' | 'deleted'
  readonly credentialId: string
  readonly organisationId: string
  readonly name: string
  readonly type: string
  readonly data: Sealed
  /** Of an OAuth service. */
  readonly tokens?: Sealed & { readonly expiresAt?: string }
  /** Hosts it may be sent to; absent: all; empty: none. */
  readonly allowedDomains?: readonly string[]
}
export type Credential = { readonly status: 'absent' } | PresentCredential

export type CredentialCommand = { readonly credentialId: string; readonly organisationId: string } & (
  | {
      readonly type: 'CreateCredential'
      readonly name: string
      readonly credentialType: string
      readonly data: Sealed
      readonly allowedDomains?: readonly string[] | undefined
    }
  | { readonly type: 'RenameCredential'; readonly name: string }
  | { readonly type: 'ReplaceCredentialData'; readonly data: Sealed; readonly allowedDomains?: readonly string[] | undefined }
  | { readonly type: 'StoreCredentialTokens'; readonly tokens: Sealed; readonly expiresAt?: string | undefined }
  | { readonly type: 'RecordCredentialTest'; readonly ok: boolean; readonly message: string }
  | { readonly type: 'DeleteCredential' }
)

export const noCredential: Credential = { status: 'absent' }

/** The same answer for what never was, what is gone, and what belongs to someone else. */
export const credentialNotFound = (what: string): WeConnectError =>
  new WeConnectError('NOT_FOUND', `There is no credential ${what.slice(0, 100)}`)

const checkedName = (raw: string): string => {
  const name = raw.trim()
  if (name === '' || name.length > 128) throw new WeConnectError('INVALID_INPUT', 'The name of a credential has 1 to 128 characters')
  return name
}

const domains = (allowedDomains: readonly string[] | undefined) => (allowedDomains === undefined ? {} : { allowedDomains })

export const decideCredential = (command: CredentialCommand, credential: Credential): CredentialEvent[] => {
  if (command.type === 'CreateCredential') {
    if (credential.status !== 'absent') throw new WeConnectError('INVALID_STATE', 'A credential with this id exists already')
    const { credentialId, credentialType, data, allowedDomains } = command
    const name = checkedName(command.name)
    return [{ type: 'CredentialCreated', data: { credentialId, name, credentialType, ...data, ...domains(allowedDomains) } }]
  }
  if (credential.status !== 'present' || credential.organisationId !== command.organisationId)
    throw credentialNotFound(command.credentialId)
  switch (command.type) {
    case 'RenameCredential': {
      const name = checkedName(command.name)
      return name === credential.name ? [] : [{ type: 'CredentialRenamed', data: { name } }]
    }
    case 'ReplaceCredentialData':
      return [{ type: 'CredentialDataReplaced', data: { ...command.data, ...domains(command.allowedDomains) } }]
    case 'StoreCredentialTokens': {
      const { tokens, expiresAt } = command
      return [{ type: 'CredentialTokensStored', data: { ...tokens, ...(expiresAt === undefined ? {} : { expiresAt }) } }]
    }
    case 'RecordCredentialTest':
      return [{ type: 'CredentialTested', data: { ok: command.ok, message: command.message } }]
    case 'DeleteCredential':
      return [{ type: 'CredentialDeleted', data: {} }]
  }
}

export const evolveCredential = (credential: Credential, event: CredentialEvent & { readonly organisationId: string }): Credential => {
  if (event.type === 'CredentialCreated') {
    const { credentialId, name, credentialType: type, keyId, sealed, allowedDomains } = event.data
    const { organisationId } = event
    return { status: 'present', credentialId, organisationId, name, type, data: { keyId, sealed }, ...domains(allowedDomains) }
  }
  if (credential.status === 'absent') return credential
  switch (event.type) {
    case 'CredentialRenamed':
      return { ...credential, name: event.data.name }
    case 'CredentialDataReplaced': {
      // Tokens were given for what the data was before.
      const { tokens: _tokens, allowedDomains: _domains, ...kept } = credential
      const { keyId, sealed, allowedDomains } = event.data
      return { ...kept, data: { keyId, sealed }, ...domains(allowedDomains) }
    }
    case 'CredentialTokensStored':
      return { ...credential, tokens: event.data }
    case 'CredentialTested':
      return credential
    case 'CredentialDeleted':
      return { ...credential, status: 'deleted' }
  }
}
