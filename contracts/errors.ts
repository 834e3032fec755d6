/**
 * The closed list of error codes. Code in the domain, status at the edge: `httpStatus` is the one place where a code becomes HTTP, and GraphQL
 * carries the same code in `extensions.code`. docs/errors.md lists them; a test fails when the two disagree.
 */
export const errorCodes = {
  INVALID_INPUT: { status: 400, retryable: false },
  MALFORMED_JSON: { status: 400, retryable: false },
  BODY_LENGTH_MISMATCH: { status: 400, retryable: false },
  UNAUTHENTICATED: { status: 401, retryable: false },
  TOKEN_EXPIRED: { status: 401, retryable: false },
  FORBIDDEN: { status: 403, retryable: false },
  NOT_FOUND: { status: 404, retryable: false },
  WEBHOOK_NOT_FOUND: { status: 404, retryable: false },
  METHOD_NOT_ALLOWED: { status: 405, retryable: false },
  REVISION_CONFLICT: { status: 409, retryable: true },
  STALE_EXPECTED_VERSION: { status: 409, retryable: false },
  NAME_TAKEN: { status: 409, retryable: false },
  WEBHOOK_PATH_TAKEN: { status: 409, retryable: false },
  INVALID_STATE: { status: 409, retryable: false },
  LEASE_LOST: { status: 409, retryable: true },
  EXECUTION_SKIPPED: { status: 409, retryable: false },
  BODY_TOO_LARGE: { status: 413, retryable: false },
  HEADERS_TOO_LARGE: { status: 431, retryable: false },
  APPEND_TOO_LARGE: { status: 413, retryable: false },
  WORKFLOW_INVALID: { status: 422, retryable: false },
  EXPRESSION_INVALID: { status: 422, retryable: false },
  RATE_LIMITED: { status: 429, retryable: true },
  QUEUE_FULL: { status: 429, retryable: true },
  CURSOR_OF_ANOTHER_LOG: { status: 400, retryable: false },
  QUERY_TOO_DEEP: { status: 400, retryable: false },
  QUERY_TOO_COSTLY: { status: 400, retryable: false },
  QUERY_INVALID: { status: 400, retryable: false },
  EXPRESSION_FAILED: { status: 422, retryable: false },
  EXPRESSION_BUDGET: { status: 422, retryable: false },
  NODE_UNKNOWN: { status: 422, retryable: false },
  NODE_FAILED: { status: 422, retryable: false },
  NODE_TIMEOUT: { status: 504, retryable: true },
  CODE_FAILED: { status: 422, retryable: false },
  CODE_LIMIT: { status: 422, retryable: false },
  STEP_LIMIT: { status: 422, retryable: false },
  EXECUTION_FAILED: { status: 500, retryable: false },
  EXECUTION_TIMEOUT: { status: 504, retryable: false },
  EXECUTION_CANCELLED: { status: 499, retryable: false },
  EGRESS_DENIED: { status: 403, retryable: false },
  EGRESS_FAILED: { status: 502, retryable: true },
  EFFECT_UNKNOWN: { status: 409, retryable: false },
  ENGINE_CRASHED: { status: 409, retryable: false },
  FILE_DENIED: { status: 403, retryable: false },
  FILE_FAILED: { status: 422, retryable: false },
  ARCHIVE_TOO_LARGE: { status: 422, retryable: false },
  DATA_FOLDER_IN_USE: { status: 500, retryable: false },
  DISK_FULL: { status: 507, retryable: true },
  STORAGE_FAILED: { status: 503, retryable: true },
  LOG_CORRUPT: { status: 500, retryable: false },
  PAYLOAD_UNREADABLE: { status: 500, retryable: false },
  PROJECTION_STOPPED: { status: 503, retryable: false },
  PROJECTION_BEHIND: { status: 503, retryable: true },
  CONFIG_INVALID: { status: 500, retryable: false },
  UNAVAILABLE: { status: 503, retryable: true },
  INTERNAL: { status: 500, retryable: false },
} as const satisfies Record<string, { status: number; retryable: boolean }>

export type ErrorCode = keyof typeof errorCodes

/** Where in the input a problem is: a node, a parameter, a JSON path, an item. */
export interface Problem {
  readonly code: ErrorCode
  readonly message: string
  readonly node?: string
  readonly parameter?: string
  readonly path?: string
  readonly item?: number
}

/**
 * The one error of the product: a code, what was wrong, where, and what to do.
 * Its message is written for the person who made the request; never put a secret or an internal message in it.
 */
export class WeConnectError extends Error {
  override readonly name = 'WeConnectError'
  readonly code: ErrorCode
  readonly problems: readonly Problem[]
  /** Seconds, a whole number of at least 1, after which the same request may be taken: the edge says it as `Retry-After`. */
  readonly retryAfterSeconds: number | undefined
  constructor(
    code: ErrorCode,
    message: string,
    options: { cause?: unknown; problems?: readonly Problem[]; retryAfterSeconds?: number | undefined } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.code = code
    this.problems = options.problems ?? []
    this.retryAfterSeconds = options.retryAfterSeconds
  }
}

export const isWeConnectError = (error: unknown, code?: ErrorCode): error is WeConnectError =>
  error instanceof WeConnectError && (code === undefined || error.code === code)

/** What the outside sees of any error: unknown errors never leak their message. */
export const publicError = (error: unknown): { status: number; code: ErrorCode; message: string; problems: readonly Problem[] } =>
  error instanceof WeConnectError
    ? { status: errorCodes[error.code].status, code: error.code, message: error.message, problems: error.problems }
    : { status: 500, code: 'INTERNAL', message: 'Internal error', problems: [] }
