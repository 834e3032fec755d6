import type { CreateReq, UpdateReq } from '@eventstore/db-client/generated/persistent_pb.js'
import type { EventFilter } from '../event-filter.ts'
import { countOf, streamName } from '../messages.ts'
import { filterOf } from '../read-request.ts'
import { invalidArgument } from '../refusal.ts'

/** Named as the protocol names them. */
export type Strategy = 'RoundRobin' | 'DispatchToSingle' | 'Pinned' | 'PinnedByCorrelation'
const strategies: readonly Strategy[] = ['DispatchToSingle', 'RoundRobin', 'Pinned', 'PinnedByCorrelation']

export interface GroupSettings {
  /** Revision, or place in the log, of the first event that is wanted. */
  readonly start: number | 'start' | 'end'
  readonly resolveLinks: boolean
  readonly extraStatistics: boolean
  /** After so many milliseconds without an answer a message is sent again; 0 = never. */
  readonly messageTimeoutMs: number
  readonly maxRetries: number
  /** A checkpoint is written at this interval when at least `minCheckpoint` messages are done, and at once after `maxCheckpoint`. */
  readonly checkpointAfterMs: number
  readonly minCheckpoint: number
  readonly maxCheckpoint: number
  /** 0 = any number. */
  readonly maxSubscribers: number
  readonly liveBufferSize: number
  readonly readBatchSize: number
  readonly historyBufferSize: number
  readonly strategy: Strategy
}

export const allStreams = '$all'

/** A persistent subscription: a group of consumers that share the events of a stream, or of $all. */
export interface GroupDefinition {
  /** `$all` for all streams. */
  readonly stream: string
  readonly group: string
  readonly filter?: EventFilter
  readonly settings: GroupSettings
  /** Events up to here are never delivered: where the start was when the group was made. -1 = none. */
  readonly after: number
}

type Settings = CreateReq.Settings | UpdateReq.Settings
type Options = CreateReq.Options | UpdateReq.Options

const ticksPerMillisecond = 10_000

const strategyOf = (settings: Settings): Strategy => {
  const name = 'getConsumerStrategy' in settings ? settings.getConsumerStrategy() : ''
  const strategy = name === '' ? strategies[settings.getNamedConsumerStrategy()] : strategies.find((known) => known === name)
  if (!strategy) throw invalidArgument(`The consumer strategy "${name}" is not known`)
  return strategy
}

const startOf = (options: Options): GroupSettings['start'] => {
  const from = options.getStream() ?? options.getAll()
  if (from?.hasStart()) return 'start'
  if (from?.hasEnd()) return 'end'
  const all = options.getAll()
  if (all) return countOf(all.getPosition()?.getPreparePosition() ?? '0')
  const revision = options.getStream()?.getRevision() ?? options.getSettings()?.getRevision() ?? '0'
  // The oldest clients say the largest revision when they mean the end.
  return revision === '18446744073709551615' || revision === '-1' ? 'end' : countOf(revision)
}

const settingsOf = (options: Options): GroupSettings => {
  const settings = options.getSettings()
  if (!settings) throw invalidArgument('A persistent subscription has settings')
  return {
    start: startOf(options),
    resolveLinks: settings.getResolveLinks(),
    extraStatistics: settings.getExtraStatistics(),
    messageTimeoutMs: settings.hasMessageTimeoutMs()
      ? settings.getMessageTimeoutMs()
      : Number(settings.getMessageTimeoutTicks()) / ticksPerMillisecond,
    checkpointAfterMs: settings.hasCheckpointAfterMs()
      ? settings.getCheckpointAfterMs()
      : Number(settings.getCheckpointAfterTicks()) / ticksPerMillisecond,
    maxRetries: settings.getMaxRetryCount(),
    minCheckpoint: settings.getMinCheckpointCount(),
    maxCheckpoint: Math.max(1, settings.getMaxCheckpointCount()),
    maxSubscribers: settings.getMaxSubscriberCount(),
    liveBufferSize: settings.getLiveBufferSize(),
    readBatchSize: settings.getReadBatchSize(),
    historyBufferSize: settings.getHistoryBufferSize(),
    strategy: strategyOf(settings),
  }
}

export interface GroupName {
  readonly stream: string
  readonly group: string
}

interface Named {
  hasAll(): boolean
  getGroupName(): string
  getStreamIdentifier(): Parameters<typeof streamName>[0]
}

/** @throws Refusal when the stream or the group is not named */
export const groupNameOf = (options: Named | undefined): GroupName => {
  const group = options?.getGroupName() ?? ''
  if (!options || group === '') throw invalidArgument('A persistent subscription is named')
  return { stream: options.hasAll() ? allStreams : streamName(options.getStreamIdentifier()), group }
}

/** What is asked for, before it is known where the end is. */
export const requestedGroup = (options: Options): Omit<GroupDefinition, 'after'> => {
  const all = options.getAll()
  const stream = all ? allStreams : streamName(options.getStream()?.getStreamIdentifier() ?? options.getStreamIdentifier())
  const filter = all && 'getFilter' in all ? filterOf(all.getFilter()) : undefined
  const group = options.getGroupName()
  if (group === '') throw invalidArgument('A persistent subscription is named')
  return { stream, group, settings: settingsOf(options), ...(filter && { filter }) }
}
