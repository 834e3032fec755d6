import type { JsonValue } from '@weconnect/contracts/json'
import { streamIdOf, userOf } from '../runner/event-values.ts'
import { projection } from '../runner/projection.ts'
import { jsonText } from '../runner/tables/json-column.ts'
import { credentials } from './tables.ts'

const metadataOf = (allowedDomains: readonly string[] | undefined): JsonValue => ({ allowedDomains: allowedDomains ?? null })

export const credentialList = projection({
  name: 'credentials',
  version: 1,
  tables: [credentials],
  on: {
    CredentialCreated: (event, rows) => {
      const { name, credentialType, keyId, sealed, allowedDomains } = event.data
      rows.put(credentials, {
        id: streamIdOf(event),
        name,
        type: credentialType,
        user_id: userOf(event),
        organization_id: event.organisationId,
        encrypted_data: sealed,
        encryption_key_id: keyId,
        metadata: jsonText(metadataOf(allowedDomains)),
        is_deleted: false,
        created_at: event.time,
        updated_at: event.time,
      })
    },
    CredentialRenamed: (event, rows) => rows.update(credentials, { id: streamIdOf(event), name: event.data.name, updated_at: event.time }),
    CredentialDataReplaced: (event, rows) => {
      const { keyId, sealed, allowedDomains } = event.data
      rows.update(credentials, {
        id: streamIdOf(event),
        encrypted_data: sealed,
        encryption_key_id: keyId,
        oauth_data: null,
        expires_at: null,
        metadata: jsonText(metadataOf(allowedDomains)),
        updated_at: event.time,
      })
    },
    CredentialTokensStored: (event, rows) =>
      rows.update(credentials, { id: streamIdOf(event), oauth_data: event.data.sealed, expires_at: event.data.expiresAt ?? null }),
    CredentialTested: (event, rows) =>
      rows.update(credentials, {
        id: streamIdOf(event),
        test_connection_data: jsonText({ ok: event.data.ok, message: event.data.message, time: event.time }),
      }),
    CredentialDeleted: (event, rows) =>
      rows.update(credentials, {
        id: streamIdOf(event),
        is_deleted: true,
        encrypted_data: null,
        oauth_data: null,
        updated_at: event.time,
      }),
  },
})
