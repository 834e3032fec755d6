import code from '@eventstore/db-client/generated/code_pb.js'
import shared from '@eventstore/db-client/generated/shared_pb.js'
import type { Status } from '@eventstore/db-client/generated/status_pb.js'
import statuses from '@eventstore/db-client/generated/status_pb.js'
import type { BatchAppendReq, BatchAppendResp } from '@eventstore/db-client/generated/streams_pb.js'
import streams from '@eventstore/db-client/generated/streams_pb.js'
import { type handleBidiStreamingCall, status } from '@grpc/grpc-js'
import any from 'google-protobuf/google/protobuf/any_pb.js'
import emptyMessages from 'google-protobuf/google/protobuf/empty_pb.js'
import type { Access } from './access.ts'
import { batchExpectedOf, gatherEvents } from './append-request.ts'
import { callError, sendTo, signalOf } from './calls.ts'
import { positionMessage, streamMessage, streamName, uuidText } from './messages.ts'
import { invalidArgument, Refusal, refusalOf } from './refusal.ts'
import type { Expected, Outcome, StreamLog } from './stream-log.ts'

/** An append whose messages are still coming. */
interface Gathering {
  readonly stream: string
  readonly expected: Expected
  /** Milliseconds since the epoch. */
  readonly deadline: number
  readonly content: ReturnType<typeof gatherEvents>
  refusal?: unknown
}

const empty = () => new emptyMessages.Empty()
const timedOut = (): Refusal => new Refusal(status.DEADLINE_EXCEEDED, undefined, 'The append did not finish before its deadline')

const success = ({ revision, place }: Outcome & { kind: 'written' }): BatchAppendResp.Success => {
  const message = new streams.BatchAppendResp.Success()
  if (revision === undefined) message.setNoStream(empty())
  else message.setCurrentRevision(String(revision))
  return place === undefined ? message.setNoPosition(empty()) : message.setPosition(positionMessage(place))
}

interface Details {
  serializeBinary(): Uint8Array
}

const failure = (reason: number, message: string, name: string, details: Details): Status => {
  const packed = new any.Any()
  packed.pack(details.serializeBinary(), name)
  return new statuses.Status()
    .setCode(reason as code.Code)
    .setMessage(message)
    .setDetails(packed)
}

const conflict = (expected: Expected, current: number | undefined): Status => {
  const details = new shared.WrongExpectedVersion()
  if (current === undefined) details.setCurrentNoStream(empty())
  else details.setCurrentStreamRevision(String(current))
  if (expected === 'any') details.setExpectedAny(empty())
  else if (expected === 'exists') details.setExpectedStreamExists(empty())
  else if (expected === 'none') details.setExpectedNoStream(empty())
  else details.setExpectedStreamPosition(String(expected))
  return failure(code.Code.FAILED_PRECONDITION, 'Wrong expected version', 'event_store.client.WrongExpectedVersion', details)
}

const statusOf = (error: unknown, stream: string): Status => {
  const refusal = refusalOf(error)
  const told = (name: string, details: Details): Status => failure(refusal.status, refusal.message, `event_store.client.${name}`, details)
  switch (refusal.exception ?? refusal.status) {
    case 'stream-deleted':
      return told('StreamDeleted', new shared.StreamDeleted().setStreamIdentifier(streamMessage(stream)))
    case 'maximum-append-size-exceeded':
      return told(
        'MaximumAppendSizeExceeded',
        new shared.MaximumAppendSizeExceeded().setMaxappendsize(Number(refusal.details['maximum-append-size'])),
      )
    case 'access-denied':
    case status.UNAUTHENTICATED:
      return told('AccessDenied', new shared.AccessDenied())
    case status.DEADLINE_EXCEEDED:
      return told('Timeout', new shared.Timeout())
    case 'missing-required-metadata-property':
    case status.INVALID_ARGUMENT:
      return told('BadRequest', new shared.BadRequest().setMessage(refusal.message))
    default:
      return told('Unknown', new shared.Unknown())
  }
}

const gather = (options: BatchAppendReq.Options): Gathering => ({
  stream: streamName(options.getStreamIdentifier()),
  expected: batchExpectedOf(options),
  deadline: options.getDeadline()?.toDate().getTime() ?? Number.POSITIVE_INFINITY,
  content: gatherEvents(),
})

/** Streams/BatchAppend: many appends over one call, answered as each is done. */
export const batchAppendService = (
  log: StreamLog,
  access: Access,
  now: () => number,
): handleBidiStreamingCall<BatchAppendReq, BatchAppendResp> => {
  const write = async (gathered: Gathering, call: Parameters<Access['who']>[0]): Promise<BatchAppendResp> => {
    const { stream, expected, deadline } = gathered
    const response = new streams.BatchAppendResp().setStreamIdentifier(streamMessage(stream))
    try {
      if (gathered.refusal !== undefined) throw gathered.refusal
      if (now() > deadline) throw timedOut()
      await access.check(await access.who(call), 'write', stream)
      const outcome = await log.append(stream, expected, gathered.content.events)
      return outcome.kind === 'written' ? response.setSuccess(success(outcome)) : response.setError(conflict(expected, outcome.current))
    } catch (error) {
      return response.setError(statusOf(error, stream))
    }
  }

  const take = (request: BatchAppendReq, gathering: Gathering): void => {
    if (gathering.refusal !== undefined) return
    try {
      for (const message of request.getProposedMessagesList()) gathering.content.add(message)
    } catch (error) {
      // Told when the append is complete; its other messages may still be on their way.
      gathering.refusal = error
    }
  }

  return (call) => {
    const signal = signalOf(call)
    const send = sendTo(call, signal)
    const gathering = new Map<string, Gathering>()
    const answering = new Set<Promise<void>>()

    const receive = (request: BatchAppendReq): void => {
      const id = uuidText(request.getCorrelationId())
      const options = request.getOptions()
      if (options) gathering.set(id, gather(options))
      const gathered = gathering.get(id)
      if (!gathered) throw invalidArgument('An append begins with its options')
      take(request, gathered)
      if (!request.getIsFinal()) return
      gathering.delete(id)
      const answer = write(gathered, call)
        .then((response) => send(response.setCorrelationId(request.getCorrelationId())))
        .finally(() => answering.delete(answer))
      answering.add(answer)
    }

    call.on('data', (request: BatchAppendReq) => {
      try {
        receive(request)
      } catch (error) {
        call.emit('error', callError(error))
      }
    })
    call.on('end', () => void Promise.allSettled(answering).then(() => call.end()))
  }
}
