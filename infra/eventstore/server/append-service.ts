import shared from '@eventstore/db-client/generated/shared_pb.js'
import type {
  AppendReq,
  AppendResp,
  DeleteReq,
  DeleteResp,
  TombstoneReq,
  TombstoneResp,
} from '@eventstore/db-client/generated/streams_pb.js'
import streams from '@eventstore/db-client/generated/streams_pb.js'
import { type handleClientStreamingCall, status } from '@grpc/grpc-js'
import type { Access } from './access.ts'
import { expectedOf, expectedText, gatherEvents } from './append-request.ts'
import { callError, unary } from './calls.ts'
import { streamName } from './messages.ts'
import { invalidArgument, Refusal, wrongVersion } from './refusal.ts'
import type { Expected, Outcome, StreamLog } from './stream-log.ts'

const empty = () => new shared.Empty()

const success = ({ revision, place }: Outcome & { kind: 'written' }): AppendResp => {
  const message = new streams.AppendResp.Success()
  if (revision === undefined) message.setNoStream(empty())
  else message.setCurrentRevision(String(revision))
  if (place === undefined) message.setNoPosition(empty())
  else message.setPosition(new streams.AppendResp.Position().setCommitPosition(String(place)).setPreparePosition(String(place)))
  return new streams.AppendResp().setSuccess(message)
}

const conflict = (expected: Expected, current: number | undefined): AppendResp => {
  const message = new streams.AppendResp.WrongExpectedVersion()
  if (current === undefined) message.setCurrentNoStream(empty())
  else message.setCurrentRevision(String(current))
  if (expected === 'any') message.setExpectedAny(empty())
  else if (expected === 'exists') message.setExpectedStreamExists(empty())
  else if (expected === 'none') message.setExpectedNoStream(empty())
  else message.setExpectedRevision(String(expected))
  return new streams.AppendResp().setWrongExpectedVersion(message)
}

/** Streams/Append: one call, one append. */
export const appendService = (log: StreamLog, access: Access): handleClientStreamingCall<AppendReq, AppendResp> => {
  const append = async (
    requests: AsyncIterable<AppendReq>,
    begin: (stream: string) => Promise<void>,
    isGivenUp: () => boolean,
  ): Promise<AppendResp> => {
    let target: { stream: string; expected: Expected } | undefined
    const gathered = gatherEvents()
    for await (const request of requests) {
      const [options, message] = [request.getOptions(), request.getProposedMessage()]
      if (options) target = { stream: streamName(options.getStreamIdentifier()), expected: expectedOf(options) }
      if (options && target) await begin(target.stream)
      if (message) gathered.add(message)
    }
    if (!target) throw invalidArgument('An append begins with its options')
    if (isGivenUp()) throw new Refusal(status.CANCELLED, undefined, 'The client waits no more')
    const outcome = await log.append(target.stream, target.expected, gathered.events)
    return outcome.kind === 'written' ? success(outcome) : conflict(target.expected, outcome.current)
  }

  return (call, done) => {
    append(
      call,
      async (stream) => access.check(await access.who(call), 'write', stream),
      () => call.cancelled,
    ).then(
      (response) => done(null, response),
      (error: unknown) => done(callError(error)),
    )
  }
}

interface Removal {
  getStreamIdentifier(): Parameters<typeof streamName>[0]
}

/** Streams/Delete and Streams/Tombstone. */
export const removalServices = (log: StreamLog, access: Access) => {
  const placeOf = async (
    options: (DeleteReq.Options | TombstoneReq.Options) & Removal,
    remove: (stream: string, expected: Expected) => Promise<Outcome>,
  ): Promise<string> => {
    const stream = streamName(options.getStreamIdentifier())
    const expected = expectedOf(options)
    const outcome = await remove(stream, expected)
    if (outcome.kind === 'wrong version') throw wrongVersion(stream, expectedText(expected), outcome.current)
    return String(outcome.place ?? 0)
  }
  const allowed = async (call: Parameters<Access['who']>[0], options: Removal | undefined): Promise<void> =>
    access.check(await access.who(call), 'delete', streamName(options?.getStreamIdentifier()))

  return {
    delete: unary<DeleteReq, DeleteResp>(async (request, call) => {
      const options = request.getOptions() ?? new streams.DeleteReq.Options()
      await allowed(call, options)
      const place = await placeOf(options, log.delete)
      return new streams.DeleteResp().setPosition(new streams.DeleteResp.Position().setCommitPosition(place).setPreparePosition(place))
    }),
    tombstone: unary<TombstoneReq, TombstoneResp>(async (request, call) => {
      const options = request.getOptions() ?? new streams.TombstoneReq.Options()
      await allowed(call, options)
      const place = await placeOf(options, log.tombstone)
      return new streams.TombstoneResp().setPosition(
        new streams.TombstoneResp.Position().setCommitPosition(place).setPreparePosition(place),
      )
    }),
  }
}
