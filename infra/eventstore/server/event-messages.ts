import type { ReadResp as PersistentReadResp } from '@eventstore/db-client/generated/persistent_pb.js'
import persistent from '@eventstore/db-client/generated/persistent_pb.js'
import type { ReadResp } from '@eventstore/db-client/generated/streams_pb.js'
import streams from '@eventstore/db-client/generated/streams_pb.js'
import { streamMessage, uuidMessage } from './messages.ts'
import type { Recorded } from './recorded.ts'
import type { StreamLog } from './stream-log.ts'
import { deletedRevision, isMetadataStream, tombstoneType } from './stream-metadata.ts'

/** An event as it is shown: what a link points to stands in the event's place. */
export interface Shown {
  readonly event?: Recorded
  readonly link?: Recorded
}

export const linkType = '$>'

/** Follows a link; one that points to nothing is shown alone. */
export const shown = async (log: StreamLog, event: Recorded, resolveLinks: boolean): Promise<Shown> => {
  if (!resolveLinks || event.type !== linkType) return { event }
  const [, revision, stream] = /^([0-9]+)@(.+)$/s.exec(event.data.toString()) ?? []
  const target = stream === undefined ? undefined : await log.eventAt(stream, Number(revision))
  return target ? { event: target, link: event } : { link: event }
}

const ticksPerMillisecond = 10_000n

const revisionText = ({ type, stream, revision }: Recorded): string =>
  type === tombstoneType && !isMetadataStream(stream) ? deletedRevision : String(revision)

type RecordedMessage = ReadResp.ReadEvent.RecordedEvent | PersistentReadResp.ReadEvent.RecordedEvent

const fill = <Message extends RecordedMessage>(message: Message, event: Recorded, structuredIds: boolean): Message => {
  message.setId(uuidMessage(event.id, structuredIds))
  message.setStreamIdentifier(streamMessage(event.stream))
  message.setStreamRevision(revisionText(event))
  message.setPreparePosition(String(event.place))
  message.setCommitPosition(String(event.commit))
  message.setData(event.data)
  message.setCustomMetadata(event.metadata)
  message
    .getMetadataMap()
    .set('type', event.type)
    .set('content-type', event.json ? 'application/json' : 'application/octet-stream')
    .set('created', String(BigInt(event.created) * ticksPerMillisecond))
  return message
}

export const readEvent = ({ event, link }: Shown, structuredIds: boolean): ReadResp => {
  const message = new streams.ReadResp.ReadEvent()
  const { RecordedEvent } = streams.ReadResp.ReadEvent
  if (event) message.setEvent(fill(new RecordedEvent(), event, structuredIds))
  if (link) message.setLink(fill(new RecordedEvent(), link, structuredIds))
  message.setCommitPosition(String((link ?? event)?.commit ?? 0))
  return new streams.ReadResp().setEvent(message)
}

export const persistentEvent = ({ event, link }: Shown, retries: number, structuredIds: boolean): PersistentReadResp => {
  const message = new persistent.ReadResp.ReadEvent()
  const { RecordedEvent } = persistent.ReadResp.ReadEvent
  if (event) message.setEvent(fill(new RecordedEvent(), event, structuredIds))
  if (link) message.setLink(fill(new RecordedEvent(), link, structuredIds))
  message.setCommitPosition(String((link ?? event)?.commit ?? 0))
  message.setRetryCount(retries)
  return new persistent.ReadResp().setEvent(message)
}
