import { type ErrorCode, errorCodes, isWeConnectError, type Problem, publicError, WeConnectError } from '@weconnect/contracts/errors'
import type { FastifyBaseLogger } from 'fastify'

/** What a client is told of an error, on every transport. */
export interface PublicError {
  readonly status: number
  readonly code: ErrorCode
  readonly message: string
  readonly problems: readonly Problem[]
  /** Names the line in our log, where the client is told nothing else. */
  readonly errorId?: string
}

/** Errors of fastify and its plugins that a request can cause, and what they are to us. */
const ofTheRequest: Readonly<Record<string, { readonly code: ErrorCode; readonly message: string }>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: { code: 'BODY_TOO_LARGE', message: 'The body is larger than 16 MiB' },
  FST_ERR_CTP_INVALID_JSON_BODY: { code: 'MALFORMED_JSON', message: 'The body is not JSON' },
  FST_ERR_CTP_EMPTY_JSON_BODY: { code: 'MALFORMED_JSON', message: 'The body is empty' },
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: { code: 'BODY_LENGTH_MISMATCH', message: 'The body is not as long as Content-Length says' },
  FST_ERR_CTP_INVALID_MEDIA_TYPE: { code: 'INVALID_INPUT', message: 'Send the body as application/json' },
  FST_ERR_VALIDATION: { code: 'INVALID_INPUT', message: 'The request does not have the right shape' },
  FST_ERR_BAD_URL: { code: 'INVALID_INPUT', message: 'The URL cannot be read' },
  FST_ERR_MAX_PARAM_LENGTH: { code: 'INVALID_INPUT', message: 'The URL is too long' },
  MER_ERR_METHOD_NOT_ALLOWED: { code: 'METHOD_NOT_ALLOWED', message: 'Mutations need POST' },
  ECONNRESET: { code: 'BODY_LENGTH_MISMATCH', message: 'The request ended before its body did' },
}

const requestError = (error: unknown): WeConnectError | undefined => {
  if (typeof error !== 'object' || error === null) return undefined
  const { code, statusCode } = error as { code?: unknown; statusCode?: unknown }
  const known = typeof code === 'string' ? ofTheRequest[code] : undefined
  if (known !== undefined) return new WeConnectError(known.code, known.message, { cause: error })
  // secure-json-parse, which fastify uses, throws a bare SyntaxError for what could reach a prototype.
  if (error instanceof SyntaxError && statusCode === 400)
    return new WeConnectError('MALFORMED_JSON', 'The body is not JSON', { cause: error })
  return undefined
}

export type ErrorMap = (error: unknown) => PublicError

/** The one map from any error to what is said of it. What we did not foresee is logged under an id and says nothing but the id. */
export const openErrorMap =
  (log: FastifyBaseLogger, newId: () => string): ErrorMap =>
  (error) => {
    const known = isWeConnectError(error) ? error : requestError(error)
    if (known !== undefined && errorCodes[known.code].status < 500) return publicError(known)
    const errorId = newId()
    log.error({ err: error, errorId }, 'request failed')
    return { ...publicError(known ?? error), errorId }
  }

/** Body of an error over REST. */
export const errorBody = ({ code, message, problems, errorId }: PublicError) => ({
  error: { code, message, ...(problems.length > 0 && { problems }), ...(errorId !== undefined && { errorId }) },
})
