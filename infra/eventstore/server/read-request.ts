import type { ReadReq } from '@eventstore/db-client/generated/streams_pb.js'
import type { EventFilter } from './event-filter.ts'
import { countOf, streamName } from './messages.ts'
import { invalidArgument } from './refusal.ts'

/** A reading as it was asked for. */
export interface ReadRequest {
  /** Absent: $all. */
  readonly stream?: string
  /** Revision, or place in the log. */
  readonly from: number | 'start' | 'end'
  readonly backwards: boolean
  readonly resolveLinks: boolean
  readonly structuredIds: boolean
  /** Absent: a subscription. */
  readonly limit?: number
  readonly filter?: EventFilter
  /** Events that are looked at between two checkpoints. */
  readonly checkpointEvery?: number
}

type Filter = ReadReq.Options.FilterOptions
/** As the server of this protocol does when the client does not say. */
const defaultWindow = 32

interface FilterMessage {
  getStreamIdentifier(): { getRegex(): string; getPrefixList(): string[] } | undefined
  getEventType(): { getRegex(): string; getPrefixList(): string[] } | undefined
}

export const filterOf = (message: FilterMessage | undefined): EventFilter | undefined => {
  const [stream, type] = [message?.getStreamIdentifier(), message?.getEventType()]
  const expression = stream ?? type
  if (!expression) return undefined
  return { on: stream ? 'stream' : 'type', regex: expression.getRegex(), prefixes: expression.getPrefixList() }
}

const checkpointEveryOf = (filter: Filter): number =>
  Math.max(1, (filter.hasMax() ? filter.getMax() : defaultWindow) * Math.max(1, filter.getCheckpointintervalmultiplier()))

const startOf = (options: ReadReq.Options): Pick<ReadRequest, 'stream' | 'from'> => {
  const [stream, all] = [options.getStream(), options.getAll()]
  if (stream) {
    const from = stream.hasStart() ? 'start' : stream.hasEnd() ? 'end' : countOf(stream.getRevision())
    return { stream: streamName(stream.getStreamIdentifier()), from }
  }
  if (!all) throw invalidArgument('Neither a stream nor $all is asked for')
  const position = all.getPosition()
  return { from: all.hasStart() ? 'start' : all.hasEnd() || !position ? 'end' : countOf(position.getPreparePosition()) }
}

/** @throws Refusal when it asks for nothing */
export const parseReadRequest = (message: ReadReq): ReadRequest => {
  const options = message.getOptions()
  if (!options) throw invalidArgument('A reading has options')
  const filter = filterOf(options.getFilter())
  return {
    ...startOf(options),
    backwards: options.getReadDirection() === 1,
    resolveLinks: options.getResolveLinks(),
    structuredIds: options.getUuidOption()?.hasStructured() ?? false,
    ...(options.hasSubscription() ? {} : { limit: countOf(options.getCount()) }),
    ...(filter && { filter, checkpointEvery: checkpointEveryOf(options.getFilter() as Filter) }),
  }
}
