import {
  Metadata,
  type ServerDuplexStream,
  type ServerErrorResponse,
  type ServerUnaryCall,
  type ServerWritableStream,
  type sendUnaryData,
} from '@grpc/grpc-js'
import { refusalOf } from './refusal.ts'

/** What every call has, whatever its shape. */
export interface Call {
  readonly metadata: Metadata
  getPeer(): string
}

/** A refusal as gRPC sends it: the protocol's own names travel as trailers. */
export const callError = (error: unknown): ServerErrorResponse => {
  const { status, exception, message, details } = refusalOf(error)
  const metadata = new Metadata()
  if (exception !== undefined) metadata.set('exception', exception)
  for (const [name, value] of Object.entries(details)) metadata.set(name, headerSafe(value))
  return Object.assign(new Error(message), { code: status, details: message, metadata })
}

/** Trailers are ASCII; a name that is not is told with its other characters escaped. */
const headerSafe = (text: string): string => text.replaceAll(/[^\x20-\x7e]/gu, (character) => encodeURIComponent(character))

/** A call with one request and one answer. */
export const unary =
  <Request, Response>(answer: (request: Request, call: Call) => Promise<Response>) =>
  (call: ServerUnaryCall<Request, Response>, done: sendUnaryData<Response>): void => {
    answer(call.request, call).then(
      (response) => done(null, response),
      (error: unknown) => done(callError(error)),
    )
  }

type Outgoing<Request, Response> = ServerWritableStream<Request, Response> | ServerDuplexStream<Request, Response>

/** Ends when the client has gone or its time is over. */
export const signalOf = <Request, Response>(call: Outgoing<Request, Response>): AbortSignal => {
  const controller = new AbortController()
  const abort = (): void => controller.abort()
  call.once('cancelled', abort)
  call.once('close', abort)
  call.once('error', abort)
  if (call.cancelled) abort()
  return controller.signal
}

const drained = <Request, Response>(call: Outgoing<Request, Response>, signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    const go = (): void => {
      call.off('drain', go)
      signal.removeEventListener('abort', go)
      resolve()
    }
    call.once('drain', go)
    signal.addEventListener('abort', go)
  })

/** Writes as fast as the client reads. */
export const sendTo = <Request, Response>(
  call: Outgoing<Request, Response>,
  signal: AbortSignal,
): ((message: Response) => Promise<void>) => {
  let draining: Promise<void> | undefined
  return async (message) => {
    if (signal.aborted || call.write(message)) return
    draining ??= drained(call, signal).then(() => {
      draining = undefined
    })
    await draining
  }
}

/** A call that answers with many messages. */
export const streaming =
  <Request, Response>(
    answer: (request: Request, call: Call, send: (message: Response) => Promise<void>, signal: AbortSignal) => Promise<void>,
  ) =>
  (call: ServerWritableStream<Request, Response>): void => {
    const signal = signalOf(call)
    answer(call.request, call, sendTo(call, signal), signal).then(
      () => call.end(),
      (error: unknown) => void call.emit('error', callError(error)),
    )
  }
