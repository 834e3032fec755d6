import { authorise } from '@weconnect/admin/permissions'
import { WeConnectError } from '@weconnect/contracts/errors'
import { isJsonObject } from '@weconnect/contracts/json'
import type { FastifyPluginAsync, FastifyRequest } from 'fastify'
import type { Identity } from './authentication.ts'
import type { GatewayParts } from './face.ts'

export interface RestOptions {
  readonly parts: GatewayParts
  readonly identityOfRequest: (request: FastifyRequest) => Identity | undefined
  /** @throws WeConnectError RATE_LIMITED */
  readonly countSignIn: (request: FastifyRequest) => void
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

export const restRoutes: FastifyPluginAsync<RestOptions> = async (app, { parts, identityOfRequest, countSignIn }) => {
  app.post('/api/login', async (request) => {
    countSignIn(request)
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
}
