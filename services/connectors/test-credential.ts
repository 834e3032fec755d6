import type { Context, WriteToken } from '@weconnect/contracts/envelope'
import { isWeConnectError, WeConnectError } from '@weconnect/contracts/errors'
import type { Mailer } from '@weconnect/contracts/mail'
import type { Egress } from '@weconnect/http/egress'
import { type Authentication, openAuthenticatedEgress, secretsOf } from './authenticated-egress.ts'
import { expiryOf, renewedTokens } from './authentication/oauth2.ts'
import type { UsableCredential } from './credentials.ts'
import { redactText } from './redact.ts'
import { credentialTypeOf } from './types/all.ts'

export interface CredentialTest {
  readonly ok: boolean
  /** What the service said, without secrets. */
  readonly message: string
  readonly token: WriteToken
}

/**
 * Tries a credential and keeps what came of it.
 * @param url for credentials that belong to no service: a GET of it must not be refused
 * @throws WeConnectError NOT_FOUND, INVALID_INPUT when there is nothing to try it with
 */
export type TestCredential = (credentialId: string, url: string | undefined, context: Context) => Promise<CredentialTest>

type Try = (credential: UsableCredential, url: string | undefined, organisationId: string) => Promise<string>

export const openCredentialTest = (egress: Pick<Egress, 'request'>, mailer: Mailer, authentication: Authentication): TestCredential => {
  const { credentials, now } = authentication
  const authenticated = openAuthenticatedEgress(egress, authentication)

  const tryRequest: Try = async ({ credentialId, type }, url, organisationId) => {
    if (url === undefined) throw new WeConnectError('INVALID_INPUT', `Name a url: a credential of type ${type} belongs to no one service`)
    const site = { organisationId, credentials: { [type]: { id: credentialId } } }
    const { status, statusText } = await authenticated.request({ method: 'GET', url, credential: type, timeoutMs: 20_000 }, site)
    if (status >= 400) throw new WeConnectError('NODE_FAILED', `The service answered ${status} ${statusText}`)
    return `The service answered ${status} ${statusText}`
  }
  const tryTokens: Try = async (credential, url, organisationId) => {
    if (url !== undefined) return tryRequest(credential, url, organisationId)
    const tokens = await renewedTokens(egress.request, credential.data)
    if (tokens === undefined) throw new WeConnectError('NODE_FAILED', 'There is no refresh token: connect it again')
    await credentials.storeTokens(credential.credentialId, organisationId, tokens, expiryOf(tokens, now()))
    return 'The service gave an access token'
  }
  const tryMail: Try = async ({ data }) => {
    await mailer.verify(data)
    return 'The server took the credential'
  }
  const wayOf = (type: string): Try => {
    if (type === 'smtp') return tryMail
    if (type === 'oAuth2Api') return tryTokens
    if (credentialTypeOf(type).inRequests) return tryRequest
    throw new WeConnectError('INVALID_INPUT', `A credential of type ${type} is for this product alone: there is no service to try it with`)
  }

  return async (credentialId, url, context) => {
    const { organisationId } = context
    const credential = await credentials.open(credentialId, organisationId)
    const way = wayOf(credential.type)
    const result = await way(credential, url, organisationId).then(
      (message) => ({ ok: true, message }),
      (error: unknown) => {
        if (!isWeConnectError(error) || error.code === 'INVALID_INPUT') throw error
        return { ok: false, message: redactText(error.message, secretsOf(credential)) }
      },
    )
    return { ...result, token: (await credentials.recordTest(credentialId, result, context)).token }
  }
}
