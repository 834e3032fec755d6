import type { JsonValue } from '@weconnect/contracts/json'
import type { Sql } from '@weconnect/postgres/pool'
import { ofOrganisation, uuidIf } from '../paging/filter.ts'
import { type ListArgs, newestFirst, type Page, page } from '../paging/page.ts'
import { selectionOf } from '../runner/tables/table.ts'
import { credentials } from './tables.ts'

/** A credential without anything that was sealed. */
export interface CredentialRow {
  readonly id: string
  readonly name: string
  readonly type: string
  readonly userId: string | null
  readonly organizationId: string
  readonly encryptionKeyId: string
  /** {ok, message, time} of the last test. */
  readonly testConnectionData: JsonValue
  /** {allowedDomains}; null: all. */
  readonly metadata: { readonly allowedDomains: readonly string[] | null }
  readonly isConnected: boolean
  /** Of its tokens. */
  readonly expiresAt: string | null
  readonly lastUsedAt: string | null
  readonly createdAt: string
  readonly updatedAt: string
}

export interface CredentialFilter {
  readonly id?: string | undefined
  readonly type?: string | undefined
  readonly name?: string | undefined
}

const columns = `${selectionOf(credentials, 't', ['encrypted_data', 'oauth_data', 'is_deleted'])}, t.oauth_data is not null as "isConnected"`

/** Credentials of an organisation, the newest first. */
export const listCredentials = (sql: Sql, args: ListArgs<CredentialFilter>): Promise<Page<CredentialRow>> =>
  page<CredentialRow>(
    sql,
    {
      select: columns,
      from: 'credentials t',
      filter: ofOrganisation(args.organisationId)
        .andIf('not t.is_deleted = ?', true)
        .andIf('t.id = ?', uuidIf(args.filter?.id))
        .andIf('t.type = ?', args.filter?.type)
        .andIf('t.name = ?', args.filter?.name),
      ...newestFirst,
    },
    args,
  )
