import type { SubscriptionInfo } from '@eventstore/db-client/generated/persistent_pb.js'
import persistent from '@eventstore/db-client/generated/persistent_pb.js'
import type { Consumer } from './consumers.ts'
import { allStreams, type GroupDefinition } from './definition.ts'
import type { Group } from './group.ts'
import { positionText } from './group-streams.ts'
import { latencyMeasurements } from './latencies.ts'

const startText = ({ stream, settings: { start } }: GroupDefinition): string => {
  const position = start === 'start' ? 0 : start === 'end' ? -1 : start
  return stream === allStreams ? `C:${position}/P:${position}` : String(position)
}

const connectionMessage = (
  consumer: Consumer,
  { extraStatistics, perSecond }: { extraStatistics: boolean; perSecond: number },
): SubscriptionInfo.ConnectionInfo => {
  const sinceLastLook = consumer.total - consumer.totalAtLastLook
  consumer.totalAtLastLook = consumer.total
  const message = new persistent.SubscriptionInfo.ConnectionInfo()
    .setFrom(consumer.address)
    .setUsername(consumer.user)
    .setConnectionName(consumer.name)
    .setAverageItemsPerSecond(perSecond)
    .setTotalItems(String(consumer.total))
    .setCountSinceLastMeasurement(String(sinceLastLook))
    .setAvailableSlots(consumer.slots - consumer.inFlight)
    .setInFlightMessages(consumer.inFlight)
  if (!extraStatistics) return message
  return message.setObservedMeasurementsList(
    latencyMeasurements(consumer.latenciesMs).map(([key, value]) =>
      new persistent.SubscriptionInfo.Measurement().setKey(key).setValue(String(value)),
    ),
  )
}

const settingsInto = (message: SubscriptionInfo, definition: GroupDefinition): SubscriptionInfo => {
  const { settings } = definition
  return message
    .setEventSource(definition.stream)
    .setGroupName(definition.group)
    .setStartFrom(startText(definition))
    .setResolveLinkTos(settings.resolveLinks)
    .setExtraStatistics(settings.extraStatistics)
    .setMessageTimeoutMilliseconds(settings.messageTimeoutMs)
    .setMaxRetryCount(settings.maxRetries)
    .setLiveBufferSize(settings.liveBufferSize)
    .setBufferSize(settings.historyBufferSize)
    .setReadBatchSize(settings.readBatchSize)
    .setCheckPointAfterMilliseconds(settings.checkpointAfterMs)
    .setMinCheckPointCount(settings.minCheckpoint)
    .setMaxCheckPointCount(settings.maxCheckpoint)
    .setMaxSubscriberCount(settings.maxSubscribers)
    .setNamedConsumerStrategy(settings.strategy)
}

/** Everything that the protocol tells of a group. */
export const infoMessage = async (group: Group): Promise<SubscriptionInfo> => {
  const { definition } = group
  const state = await group.state()
  const place = (position: number | undefined): string => (position === undefined ? '' : positionText(definition, position))
  const { extraStatistics } = definition.settings
  return settingsInto(new persistent.SubscriptionInfo(), definition)
    .setStatus(state.live ? 'Live' : 'Behind')
    .setConnectionsList(
      state.consumers.map((consumer) => connectionMessage(consumer, { extraStatistics, perSecond: state.perSecondOf(consumer) })),
    )
    .setAveragePerSecond(state.perSecond)
    .setTotalItems(String(state.total))
    .setCountSinceLastMeasurement(String(state.sinceLastLook))
    .setLastKnownEventPosition(place(state.lastKnown))
    .setLastCheckpointedEventPosition(place(state.checkpointed))
    .setReadBufferCount(state.live ? 0 : state.queued)
    .setLiveBufferCount(String(state.live ? state.queued : 0))
    .setRetryBufferCount(state.retrying)
    .setTotalInFlightMessages(state.inFlight)
    .setOutstandingMessagesCount(state.inFlight)
    .setParkedMessageCount(String(state.parked))
}
