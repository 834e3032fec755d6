import { status } from '@grpc/grpc-js'
import { isWeConnectError, type WeConnectError } from '@weconnect/contracts/errors'

/** Why a call is refused, as the protocol says it: a gRPC status, the name that clients go by, and what belongs to it. */
export class Refusal extends Error {
  override readonly name = 'Refusal'
  readonly status: status
  readonly exception: string | undefined
  readonly details: Readonly<Record<string, string>>
  constructor(code: status, exception: string | undefined, message: string, details: Readonly<Record<string, string>> = {}) {
    super(message)
    this.status = code
    this.exception = exception
    this.details = details
  }
}

export const streamDeleted = (stream: string): Refusal =>
  new Refusal(status.FAILED_PRECONDITION, 'stream-deleted', `Event stream '${stream}' is deleted.`, { 'stream-name': stream })

export const accessDenied = (): Refusal => new Refusal(status.PERMISSION_DENIED, 'access-denied', 'Access Denied')

export const notAuthenticated = (): Refusal => new Refusal(status.UNAUTHENTICATED, undefined, 'Not Authenticated')

export const invalidArgument = (message: string): Refusal => new Refusal(status.INVALID_ARGUMENT, undefined, message)

export const tooLarge = (limit: number): Refusal =>
  new Refusal(status.INVALID_ARGUMENT, 'maximum-append-size-exceeded', `Maximum Append Size of ${limit} Exceeded.`, {
    'maximum-append-size': String(limit),
  })

export const wrongVersion = (stream: string, expected: string, current: number | undefined): Refusal =>
  new Refusal(status.FAILED_PRECONDITION, 'wrong-expected-version', `Append failed due to WrongExpectedVersion. Stream: ${stream}`, {
    'stream-name': stream,
    'expected-version': expected,
    ...(current === undefined ? {} : { 'actual-version': String(current) }),
  })

const ofCode = ({ code, message }: WeConnectError): Refusal => {
  switch (code) {
    case 'INVALID_INPUT':
    case 'CURSOR_OF_ANOTHER_LOG':
      return invalidArgument(message)
    case 'UNAVAILABLE':
    case 'DISK_FULL':
    case 'STORAGE_FAILED':
      return new Refusal(status.UNAVAILABLE, undefined, message)
    default:
      return new Refusal(status.INTERNAL, undefined, message)
  }
}

/** Whatever went wrong, as a refusal. What is not ours never leaks its message. */
export const refusalOf = (error: unknown): Refusal => {
  if (error instanceof Refusal) return error
  return isWeConnectError(error) ? ofCode(error) : new Refusal(status.INTERNAL, undefined, 'Internal error')
}
