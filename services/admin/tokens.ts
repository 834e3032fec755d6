import { WeConnectError } from '@weconnect/contracts/errors'
import { errors, type JWTPayload, jwtVerify, SignJWT } from 'jose'
import type { Principal, Role } from './permissions.ts'

const issuer = 'weconnect'
const algorithm = 'HS256'
const roles: readonly unknown[] = ['owner', 'admin', 'editor', 'viewer'] satisfies Role[]
/** How long a token that was verified is believed without a new check of its signature, milliseconds. */
const believedMs = 60_000
const rememberedTokens = 1000

export interface TokenRequest {
  readonly principal: Principal
  readonly tokenId: string
  readonly nowMs: number
  readonly ttlSeconds: number
}

export interface Tokens {
  issue(request: TokenRequest): Promise<string>
  /** @throws WeConnectError UNAUTHENTICATED, TOKEN_EXPIRED; the messages are constant, whatever was wrong with the token */
  verify(token: string, nowMs: number): Promise<Principal>
}

interface Believed {
  readonly principal: Principal
  readonly untilMs: number
}

/** JWTs signed with HMAC-SHA-256. @param key 32 bytes */
export const openTokens = (key: Buffer): Tokens => {
  const believed = new Map<string, Believed>()
  const remember = (token: string, verified: Believed) => {
    if (believed.size >= rememberedTokens) believed.delete(believed.keys().next().value ?? '')
    believed.set(token, verified)
  }
  return {
    issue: ({ principal, tokenId, nowMs, ttlSeconds }) =>
      new SignJWT({ org: principal.organisationId, role: principal.role })
        .setProtectedHeader({ alg: algorithm, typ: 'JWT' })
        .setIssuer(issuer)
        .setSubject(principal.userId)
        .setJti(tokenId)
        .setIssuedAt(Math.floor(nowMs / 1000))
        .setExpirationTime(Math.floor(nowMs / 1000) + ttlSeconds)
        .sign(key),
    verify: async (token, nowMs) => {
      const known = believed.get(token)
      if (known !== undefined && nowMs < known.untilMs) return known.principal
      believed.delete(token)
      const claims = await verifiedClaims(token, key, nowMs)
      const principal = principalOf(claims)
      remember(token, { principal, untilMs: Math.min(nowMs + believedMs, (claims.exp ?? 0) * 1000) })
      return principal
    },
  }
}

const refused = () => new WeConnectError('UNAUTHENTICATED', 'Authentication is required')

const verifiedClaims = async (token: string, key: Buffer, nowMs: number): Promise<JWTPayload> => {
  try {
    const options = { algorithms: [algorithm], issuer, currentDate: new Date(nowMs), requiredClaims: ['sub', 'org', 'role', 'jti', 'exp'] }
    return (await jwtVerify(token, key, options)).payload
  } catch (error) {
    if (error instanceof errors.JWTExpired) throw new WeConnectError('TOKEN_EXPIRED', 'The token has expired; sign in again')
    throw refused()
  }
}

const principalOf = ({ sub, org, role }: JWTPayload): Principal => {
  if (typeof sub !== 'string' || typeof org !== 'string' || !roles.includes(role)) throw refused()
  return { userId: sub, organisationId: org, role: role as Role }
}
