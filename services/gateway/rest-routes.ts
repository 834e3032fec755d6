import { authorise } from '@weconnect/admin/permissions'
import { WeConnectError } from '@weconnect/contracts/errors'
import type { BinaryData } from '@weconnect/contracts/items'
import { isJsonObject } from '@weconnect/contracts/json'
import type { ExecutionView } from '@weconnect/executions/view/face'
import type { FastifyPluginAsync, FastifyRequest } from 'fastify'
import type { Identity } from './authentication.ts'
import type { GatewayParts } from './face.ts'

export interface RestOptions {
  readonly parts: GatewayParts
  readonly identityOfRequest: (request: FastifyRequest) => Identity | undefined
  /** @throws WeConnectError RATE_LIMITED */
  readonly countSignIn: (request: FastifyRequest) => Promise<void>
}

const credentialsOf = (body: unknown): { email: string; password: string } => {
  const { email, password } = isJsonObject(body) ? body : {}
  if (typeof email !== 'string' || typeof password !== 'string') throw new WeConnectError('INVALID_INPUT', 'Send {email, password}')
  return { email, password }
}

const versionOf = (text: string | undefined): number | undefined => {
  if (text === undefined) return undefined
  if (!/^[1-9]\d{0,8}$/.test(text)) throw new WeConnectError('INVALID_INPUT', 'version is a number from 1')
  return Number(text)
}

type Query = Readonly<Record<string, string | undefined>>

const placeOf = (query: Query, name: string): number => {
  const text = query[name] ?? '0'
  if (!/^\d{1,9}$/.test(text)) throw new WeConnectError('INVALID_INPUT', `${name} is a number from 0`)
  return Number(text)
}

/** A type that may stand in a header. */
const headerType = /^[\w!#$&^.+-]+\/[\w!#$&^.+-]+(?:; ?[\w-]+=[\w.-]+)?$/

/** The file that an item of a step's output carries: `?step=2&output=0&item=0&field=data`. */
const fileAt = async ({ steps }: ExecutionView, query: Query): Promise<BinaryData> => {
  const step = steps[placeOf(query, 'step')]
  const item = (await step?.output())?.[placeOf(query, 'output')]?.[placeOf(query, 'item')]
  const field = query['field'] ?? 'data'
  const file = item?.binary && Object.hasOwn(item.binary, field) ? item.binary[field] : undefined
  if (file === undefined) throw new WeConnectError('NOT_FOUND', 'There is no such file: name step, output, item and field')
  return file
}

export const restRoutes: FastifyPluginAsync<RestOptions> = async (app, { parts, identityOfRequest, countSignIn }) => {
  app.post('/api/login', async (request) => {
    await countSignIn(request)
    const { email, password } = credentialsOf(request.body)
    return parts.admin.signIn(email, password)
  })

  app.get<{ Params: { id: string }; Querystring: { version?: string } }>('/api/workflows/:id/export', async (request, reply) => {
    const identity = identityOfRequest(request)
    if (identity === undefined) throw new WeConnectError('UNAUTHENTICATED', 'Authentication is required')
    authorise(identity.principal, 'workflow:read')
    const { id } = request.params
    const file = await parts.workflows.exportWorkflow(id, identity.principal.organisationId, versionOf(request.query.version))
    return reply.header('content-disposition', `attachment; filename="${encodeURIComponent(id)}.json"`).send(file)
  })

  app.get<{ Params: { id: string }; Querystring: Query }>('/api/executions/:id/file', async (request, reply) => {
    const identity = identityOfRequest(request)
    if (identity === undefined) throw new WeConnectError('UNAUTHENTICATED', 'Authentication is required')
    authorise(identity.principal, 'execution:read')
    const { organisationId } = identity.principal
    const file = await fileAt(await parts.executions.view(request.params.id, organisationId), request.query)
    const name = encodeURIComponent(file.fileName ?? 'file').replaceAll("'", '%27')
    return reply
      .header('content-type', headerType.test(file.mimeType) ? file.mimeType : 'application/octet-stream')
      .header('content-disposition', `attachment; filename*=UTF-8''${name}`)
      .header('content-security-policy', 'sandbox')
      .header('x-content-type-options', 'nosniff')
      .send(await parts.executions.fileBytes(file, organisationId))
  })
}
