import { WeConnectError } from '@weconnect/contracts/errors'
import type { FileRequest } from '@weconnect/contracts/files'
import type { HttpRequest } from '@weconnect/contracts/http'

/** A call of which nobody knows whether it was made before a crash. */
export interface Doubt {
  readonly what: string
  /** Number of the call within the step, from 0. */
  readonly ordinal: number
  /** Idempotency-Key that it carried. */
  readonly effectKey?: string
}

const safeMethods = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE'])
/** Source: RFC 9110, section 9.2.2. */
const idempotentMethods = new Set([...safeMethods, 'PUT', 'DELETE'])
const keyHeader = 'idempotency-key'

const hasOwnKey = ({ headers = {} }: HttpRequest): boolean => Object.keys(headers).some((name) => name.toLowerCase() === keyHeader)

/** Whether a method asks for no change. */
export const isSafe = (method: string): boolean => safeMethods.has(method.toUpperCase())

/** Whether two requests are as good as one: by HTTP, or because the user gave it a key, which nobody does for a receiver that ignores it. */
export const mayRepeat = (request: HttpRequest): boolean => idempotentMethods.has(request.method.toUpperCase()) || hasOwnKey(request)

/** Writing the same again changes nothing, adding it again does. */
export const fileMayRepeat = (request: FileRequest): boolean => request.kind !== 'write' || !request.append

/** A server that knows the header does the effect once, however often we ask. */
export const withEffectKey = (request: HttpRequest, key: string): HttpRequest =>
  isSafe(request.method) || hasOwnKey(request) ? request : { ...request, headers: { ...request.headers, 'Idempotency-Key': key } }

export const inDoubt = (what: string): WeConnectError =>
  new WeConnectError('EFFECT_UNKNOWN', `${what}: it may have been made before the crash, and must not be made twice`)
