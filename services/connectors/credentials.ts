import type { Context, Envelope, WriteToken } from '@weconnect/contracts/envelope'
import { isWeConnectError, WeConnectError } from '@weconnect/contracts/errors'
import type { CredentialEvent } from '@weconnect/contracts/events/credential'
import { familyOf, streamOf } from '@weconnect/contracts/ids'
import { isJsonObject, type JsonObject, type JsonValue } from '@weconnect/contracts/json'
import { commandHandler } from '@weconnect/eventstore/command-handler'
import type { Journal } from '@weconnect/eventstore/journal'
import type { EventStore } from '@weconnect/eventstore/port'
import type { Keyring } from '@weconnect/secrets/port'
import { domainsOf } from './allowed-domains.ts'
import {
  type Credential,
  type CredentialCommand,
  credentialNotFound,
  decideCredential,
  evolveCredential,
  noCredential,
  type PresentCredential,
} from './credential.ts'
import { CredentialNames } from './credential-names.ts'
import { openSecrets, sealSecrets } from './seal-secrets.ts'
import { credentialTypeOf } from './types/all.ts'

/** A credential as anyone of its organisation may see it. */
export interface CredentialView {
  readonly credentialId: string
  readonly name: string
  readonly type: string
  readonly allowedDomains?: readonly string[]
}

/** A credential opened for one use. Stays in this process. */
export interface UsableCredential extends CredentialView {
  /** Of its stream: with it the same secrets are found again. */
  readonly revision: number
  /** The fields, and `oauthTokenData` when a service gave tokens. */
  readonly data: JsonObject
  /** Until when the tokens are good, ISO 8601; absent when the service did not say. */
  readonly tokensExpireAt?: string
}

export interface Written {
  readonly credential: CredentialView
  readonly token: WriteToken
}

export interface Credentials {
  /** @throws WeConnectError INVALID_INPUT: unknown type, no name, fields that are missing or too large */
  create(given: { readonly name: string; readonly type: string; readonly data: JsonObject }, context: Context): Promise<Written>
  /** What is absent stays; `data` replaces all fields. @throws WeConnectError NOT_FOUND, INVALID_INPUT */
  update(
    credentialId: string,
    change: { readonly name?: string | undefined; readonly data?: JsonObject | undefined },
    context: Context,
  ): Promise<Written>
  /** @throws WeConnectError NOT_FOUND */
  remove(credentialId: string, context: Context): Promise<Written>
  /** @throws WeConnectError NOT_FOUND, also for another organisation's */
  open(credentialId: string, organisationId: string, revision?: number): Promise<UsableCredential>
  /**
   * What a node's reference means: `{id, name}` or a name, always within the organisation.
   * @throws WeConnectError NODE_FAILED when there is none, or several of that name
   */
  resolve(organisationId: string, type: string, reference: JsonValue | undefined): Promise<UsableCredential>
  /** Whether `resolve` would find one. */
  isKnown(organisationId: string, type: string, reference: JsonValue | undefined): Promise<boolean>
  storeTokens(credentialId: string, organisationId: string, tokens: JsonObject, expiresAt: string | undefined): Promise<void>
  recordTest(credentialId: string, result: { readonly ok: boolean; readonly message: string }, context: Context): Promise<Written>
  /** Loads the names and follows the log from there. */
  start(): Promise<void>
  close(): Promise<void>
}

export interface CredentialParts {
  readonly journal: Journal
  readonly store: EventStore
  readonly keyring: Keyring
  /** Lower-case UUID. */
  readonly newId: () => string
  /** Told when the log can no longer be followed. */
  readonly onError: (error: unknown) => void
}

/** Bytes of all fields of a credential as JSON. */
const largest = 64 * 1024
const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/

const viewOf = ({ credentialId, name, type, allowedDomains }: PresentCredential): CredentialView => ({
  credentialId,
  name,
  type,
  ...(allowedDomains === undefined ? {} : { allowedDomains }),
})

/** @throws WeConnectError INVALID_INPUT; never quotes a value */
const checkData = (typeName: string, data: JsonObject): void => {
  const { name, properties } = credentialTypeOf(typeName)
  if (Buffer.byteLength(JSON.stringify(data)) > largest)
    throw new WeConnectError('INVALID_INPUT', `A credential holds at most ${largest} bytes`)
  const isShown = ({ displayOptions }: (typeof properties)[number]) => displayOptions === undefined
  const missing = properties.filter((field) => field.required && isShown(field) && (data[field.name] ?? '') === '')
  if (missing.length > 0)
    throw new WeConnectError('INVALID_INPUT', `A credential of type ${name} needs ${missing.map((field) => field.name).join(', ')}`)
}

export const openCredentials = ({ journal, store, keyring, newId, onError }: CredentialParts): Credentials => {
  const names = new CredentialNames()
  const closing = new AbortController()
  let following: Promise<void> = Promise.resolve()
  const handle = commandHandler<CredentialCommand, Credential, CredentialEvent>({
    journal,
    initial: noCredential,
    decide: decideCredential,
    evolve: evolveCredential,
    streamOf: ({ credentialId }) => streamOf('credential', credentialId),
  })

  const run = async (command: CredentialCommand, context: Context): Promise<Written> => {
    const { state, token, events } = await handle(command, context)
    const { organisationId } = context
    for (const event of events) names.apply({ ...event, stream: streamOf('credential', command.credentialId), organisationId })
    if (state.status === 'absent' || token === undefined) throw credentialNotFound(command.credentialId)
    return { credential: viewOf(state), token }
  }

  const sealData = (credentialId: string, organisationId: string, data: JsonObject) =>
    sealSecrets(keyring, { organisationId, credentialId, part: 'data' }, data)

  const stateAt = async (credentialId: string, revision?: number): Promise<{ readonly state: Credential; readonly revision: number }> => {
    const stream = streamOf('credential', credentialId)
    if (revision === undefined) {
      const { state, head } = await handle.load(stream)
      return { state, revision: head.revision }
    }
    let state: Credential = noCredential
    for await (const event of journal.read(stream, { limit: revision + 1 }))
      state = evolveCredential(state, event as Envelope<CredentialEvent>)
    return { state, revision }
  }

  const opened = (state: PresentCredential, revision: number): UsableCredential => {
    const { organisationId, credentialId, data, tokens } = state
    const fields = openSecrets(keyring, { organisationId, credentialId, part: 'data' }, data)
    const oauthTokenData = tokens && openSecrets(keyring, { organisationId, credentialId, part: 'tokens' }, tokens)
    return {
      ...viewOf(state),
      revision,
      data: oauthTokenData ? { ...fields, oauthTokenData } : fields,
      ...(tokens?.expiresAt !== undefined && { tokensExpireAt: tokens.expiresAt }),
    }
  }

  const open: Credentials['open'] = async (credentialId, organisationId, at) => {
    if (!uuid.test(credentialId)) throw credentialNotFound(credentialId)
    const { state, revision } = await stateAt(credentialId, at)
    if (state.status !== 'present' || state.organisationId !== organisationId) throw credentialNotFound(credentialId)
    return opened(state, revision)
  }

  const idOfReference = async (organisationId: string, type: string, reference: JsonValue | undefined): Promise<string> => {
    const { id, name } = isJsonObject(reference) ? reference : { id: undefined, name: reference }
    if (typeof id === 'string' && uuid.test(id)) {
      const { state } = await stateAt(id)
      if (state.status !== 'absent' && state.organisationId === organisationId) return id
    }
    const label = typeof name === 'string' ? name : ''
    const found = label === '' ? [] : names.find(organisationId, type, label)
    if (found.length === 1) return found[0]!
    throw new WeConnectError(
      'NODE_FAILED',
      found.length === 0
        ? `The credential "${label}" of type ${type} does not exist: create it, or choose another in the node`
        : `${found.length} credentials of type ${type} are called "${label}": choose one by its id`,
    )
  }

  const resolve: Credentials['resolve'] = async (organisationId, type, reference) => {
    if (reference === undefined || reference === null)
      throw new WeConnectError('NODE_FAILED', `Node does not have any credentials set for "${type}"`)
    const credentialId = await idOfReference(organisationId, type, reference)
    const credential = await open(credentialId, organisationId).catch((error: unknown) => {
      if (!isWeConnectError(error, 'NOT_FOUND')) throw error
      throw new WeConnectError('NODE_FAILED', `The credential of type ${type} that the node uses was deleted: choose another`)
    })
    if (credential.type === type) return credential
    throw new WeConnectError('NODE_FAILED', `The node asks for a credential of type ${type}, and refers to one of type ${credential.type}`)
  }

  const follow = async (): Promise<void> => {
    for await (const events of journal.subscribe({ after: 'end', families: ['credential'], signal: closing.signal }))
      for (const event of events) names.apply(event as Envelope<CredentialEvent>)
  }

  return {
    create: async ({ name, type, data }, context) => {
      checkData(type, data)
      const credentialId = newId()
      const { organisationId } = context
      const sealed = await sealData(credentialId, organisationId, data)
      const fields = { credentialId, organisationId, name, credentialType: type, data: sealed, allowedDomains: domainsOf(data) }
      return run({ type: 'CreateCredential', ...fields }, context)
    },
    update: async (credentialId, { name, data }, context) => {
      const { organisationId } = context
      const current = await open(credentialId, organisationId)
      if (data !== undefined) checkData(current.type, data)
      const ids = { credentialId, organisationId }
      // The name is checked first: nothing is written when it is refused.
      const renamed = await run({ type: 'RenameCredential', ...ids, name: name ?? current.name }, context)
      if (data === undefined) return renamed
      const sealed = await sealData(credentialId, organisationId, data)
      return run({ type: 'ReplaceCredentialData', ...ids, data: sealed, allowedDomains: domainsOf(data) }, context)
    },
    remove: async (credentialId, context) => {
      if (!uuid.test(credentialId)) throw credentialNotFound(credentialId)
      return run({ type: 'DeleteCredential', credentialId, organisationId: context.organisationId }, context)
    },
    open,
    resolve,
    isKnown: (organisationId, type, reference) =>
      resolve(organisationId, type, reference).then(
        () => true,
        () => false,
      ),
    storeTokens: async (credentialId, organisationId, oauthTokens, expiresAt) => {
      const tokens = await sealSecrets(keyring, { organisationId, credentialId, part: 'tokens' }, oauthTokens)
      const id = newId()
      const context = { actor: 'system', organisationId, correlationId: id, causationId: id }
      await run({ type: 'StoreCredentialTokens', credentialId, organisationId, tokens, expiresAt }, context)
    },
    recordTest: (credentialId, { ok, message }, context) =>
      run(
        { type: 'RecordCredentialTest', credentialId, organisationId: context.organisationId, ok, message: message.slice(0, 500) },
        context,
      ),
    start: async () => {
      following = follow().catch((error: unknown) => {
        if (!closing.signal.aborted) onError(error)
      })
      for (const { stream } of await store.openWork()) {
        if (familyOf(stream) !== 'credential') continue
        for await (const event of journal.read(stream)) names.apply(event as Envelope<CredentialEvent>)
      }
    },
    close: async () => {
      closing.abort()
      await following
    },
  }
}
