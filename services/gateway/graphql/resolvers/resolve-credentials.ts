import type { CredentialView, Written } from '@weconnect/connectors/credentials'
import { credentialTypes } from '@weconnect/connectors/types/all'
import { encodeCursor } from '@weconnect/contracts/cursor'
import { WeConnectError } from '@weconnect/contracts/errors'
import { isJsonObject, type JsonObject, type JsonValue } from '@weconnect/contracts/json'
import { type CredentialFilter, type CredentialRow, listCredentials } from '@weconnect/projections/credentials/queries'
import { allowed, commandContext, type GraphContext, readable } from '../context.ts'
import type { Resolvers } from '../executable-schema.ts'
import { connectionOf, type GivenPageArgs, pageArgs } from '../sources/connection.ts'
import { withoutNulls } from '../sources/given.ts'

const ofRow = ({ metadata, testConnectionData, ...row }: CredentialRow) => ({
  ...row,
  allowedDomains: metadata.allowedDomains,
  lastTest: testConnectionData,
})

const ofView = ({ credentialId: id, name, type, allowedDomains }: CredentialView, organizationId: string) => ({
  id,
  name,
  type,
  organizationId,
  allowedDomains: allowedDomains ?? null,
})

/** @throws WeConnectError INVALID_INPUT, which quotes nothing */
const dataOf = (data: JsonValue): JsonObject => {
  if (!isJsonObject(data)) throw new WeConnectError('INVALID_INPUT', 'data must be an object with the fields of the type')
  return data
}

const manage = (context: GraphContext) => {
  const principal = allowed(context, 'credential:manage')
  const payload = ({ credential, token }: Written) => ({
    credential: ofView(credential, principal.organisationId),
    position: encodeCursor(token),
  })
  return { given: commandContext(context, principal), payload, credentials: context.parts.credentials }
}

interface CreateInput {
  readonly name: string
  readonly type: string
  readonly data: JsonValue
}
interface UpdateInput {
  readonly name?: string | null
  readonly data?: JsonValue | null
}

export const credentialResolvers: Resolvers = {
  Query: {
    credentials: async (
      _: unknown,
      args: GivenPageArgs & { readonly filter?: CredentialFilter | null; readonly atLeast?: string | null },
      context,
    ) => {
      const { organisationId } = allowed(context, 'credential:read')
      await readable(context, args.atLeast)
      const filter = withoutNulls(args.filter ?? {})
      return connectionOf(await listCredentials(context.parts.sql, { ...pageArgs(args), organisationId, filter }), ofRow)
    },
    credentialTypes: (_: unknown, _args: unknown, context) => {
      allowed(context, 'credential:read')
      return credentialTypes
    },
  },
  Mutation: {
    createCredential: async (_: unknown, { input: { name, type, data } }: { readonly input: CreateInput }, context) => {
      const { given, payload, credentials } = manage(context)
      return payload(await credentials.create({ name, type, data: dataOf(data) }, given))
    },
    updateCredential: async (_: unknown, { id, input: { name, data } }: { readonly id: string; readonly input: UpdateInput }, context) => {
      const { given, payload, credentials } = manage(context)
      const change = { name: name ?? undefined, data: data === undefined || data === null ? undefined : dataOf(data) }
      return payload(await credentials.update(id, change, given))
    },
    deleteCredential: async (_: unknown, { id }: { readonly id: string }, context) => {
      const { given, payload, credentials } = manage(context)
      return payload(await credentials.remove(id, given))
    },
    connectCredential: async (_: unknown, { id }: { readonly id: string }, context) => {
      const { given } = manage(context)
      return context.parts.connections.begin(id, given)
    },
    testCredential: async (_: unknown, { id, url }: { readonly id: string; readonly url?: string | null }, context) => {
      const { given } = manage(context)
      const { ok, message, token } = await context.parts.testCredential(id, url ?? undefined, given)
      return { ok, message, position: encodeCursor(token) }
    },
  },
}
