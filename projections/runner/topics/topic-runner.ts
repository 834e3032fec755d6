import type { Position } from '@weconnect/contracts/envelope'
import { isWeConnectError, WeConnectError } from '@weconnect/contracts/errors'
import type { Journal } from '@weconnect/eventstore/journal'
import type { KafkaSettings } from '@weconnect/kafka/connect'
import { eventDecoder } from '@weconnect/kafka/event-decoder'
import type { TopicPartition } from '@weconnect/kafka/partition-reader'
import { openTopicGroup, type TopicGroup } from '@weconnect/kafka/topic-group'
import type { Pool } from '@weconnect/postgres/pool'
import type { ProjectionStatus, RebuildProgress } from '../face.ts'
import { mutex } from '../mutex.ts'
import { unparkAll } from '../parked-streams.ts'
import { rebuildTables } from '../rebuild.ts'
import type { StatusChange } from '../runner.ts'
import type { ProjectionState } from '../state.ts'
import { statusOf } from '../status.ts'
import { openRests, type Timers } from '../timers.ts'
import { fetchAhead } from './fetch-ahead.ts'
import { batchOf } from './fetched-batch.ts'
import { putAside } from './put-aside.ts'
import { relayMarks } from './relay-marks.ts'
import { withTablesAlone } from './tables-lock.ts'
import { topicGoal } from './topic-goal.ts'
import { type KeptPlace, openPlaces, placesBegin, placesReached, readPlaces, Superseded } from './topic-places.ts'
import { placeKey, type TopicWriter, topicWriter } from './topic-writer.ts'
import { partitionsOf as allPartitionsOf, groupIdOf, topicNamesOf } from './topics-of.ts'

export interface TopicRunnerParts {
  readonly journal: Journal
  readonly pool: Pool
  readonly kafka: KafkaSettings
  readonly timers: Timers
  /** Paused projections, as the database says. */
  readonly isPaused: (projection: string) => boolean
  readonly onStatus: (change: StatusChange) => void
  readonly onMoved: () => void
}

/** A projection that is fed from topics, as a member of its consumer group. */
export interface TopicRunner {
  readonly state: ProjectionState
  status(): Promise<ProjectionStatus>
  rebuild(onProgress: (progress: RebuildProgress) => void): Promise<RebuildProgress>
  /** Looks for streams to retry now. */
  wake(): void
  close(): Promise<void>
}

const notJoined = 'it has not joined its group yet'
const waitMs = 100
const retryMs = 500
/** Between two looks at what others asked for, and between two words to the group. */
const lookMs = 500

/**
 * Reads the partitions that the group gives it, and applies them exactly once: where it is stands beside the rows, and whoever finds another place there
 * than it knows drops what it has read. A stream whose event cannot be applied is parked; the rest goes on.
 */
export const startTopicRunner = (parts: TopicRunnerParts, state: ProjectionState): TopicRunner => {
  const { journal, pool, kafka, timers } = parts
  const { name } = state.projection
  const marks = relayMarks(kafka, journal.logId, allPartitionsOf(kafka, state.projection))
  const decode = eventDecoder()
  const exclusively = mutex()
  const ahead = fetchAhead()
  const goal = topicGoal(pool, marks, state, parts.onMoved)
  let group: TopicGroup | undefined
  let writer: TopicWriter | undefined
  let assigned = ''
  let places: ReadonlyMap<string, KeptPlace> = new Map()
  let problem: string | undefined = notJoined
  let lookedAt = 0
  let closed = false
  const { rest, wake } = openRests(timers)

  const stateName = (): ProjectionStatus['state'] => (state.condition === 'running' && problem !== undefined ? 'waiting' : state.condition)

  const changed = (): void =>
    parts.onStatus({ name, state: stateName(), poison: state.poison, ...(problem === undefined ? {} : { error: problem }) })

  const parked = putAside(pool, state, changed)
  const partitionsOf = (member: TopicGroup): readonly TopicPartition[] => member.assigned().filter(({ topic }) => topic !== marks.topic)
  const assignmentOf = (member: TopicGroup): string => member.assigned().map(placeKey).sort().join(' ')

  /** Where the tables are, in the partitions that are ours now. What Kafka has cut away before that is built from the log. */
  const settle = async (member: TopicGroup): Promise<void> => {
    const mine = partitionsOf(member)
    ahead.forget()
    const all = await openPlaces(pool, name, mine, state.position)
    const keys = new Set(mine.map(placeKey))
    places = new Map(all.filter((place) => keys.has(placeKey(place))).map((place) => [placeKey(place), place]))
    await parked.refresh()
    await marks.settle(member, member.assigned())
    assigned = assignmentOf(member)
    const cut = (await member.beginnings(mine)).filter((begin) => begin.offset > (places.get(placeKey(begin))?.offset ?? 0))
    if (cut.length === 0) return
    await rebuildFromLog()
    await placesBegin(pool, name, cut)
  }

  /** What does not have to be done for every batch. */
  const look = async (member: TopicGroup, by: TopicWriter): Promise<void> => {
    if (timers.now() - lookedAt < lookMs) return
    lookedAt = timers.now()
    if (parked.streams.size > 0) await parked.retry(by, places)
    if (places.size > 0) await member.commit([...places.values()]).catch(() => {})
  }

  const joined = async (): Promise<TopicGroup> => {
    if (group === undefined) {
      group = await openTopicGroup(kafka, groupIdOf(kafka, name), [...topicNamesOf(kafka, state.projection), marks.topic])
    }
    writer ??= topicWriter(pool, journal, state, parked.streams)
    if (assigned !== assignmentOf(group)) await settle(group)
    if (problem !== undefined) {
      problem = undefined
      changed()
    }
    return group
  }

  const turn = async (): Promise<void> => {
    const member = await joined()
    const by = writer as TopicWriter
    if (parts.isPaused(name) || state.condition !== 'running') return rest(waitMs)
    const marksPlace = marks.place()
    const wanted = [...places.values(), ...(marksPlace === undefined ? [] : [marksPlace])]
    if (wanted.length === 0) {
      await goal.follow()
      return rest(waitMs)
    }
    const fetched = await ahead.next(member, wanted)
    // What came while it was being paused is read again later.
    if (assigned !== assignmentOf(member) || parts.isPaused(name)) return
    if (fetched.length > 0) ahead.begin(member, wanted, fetched)
    await exclusively(async () => {
      for (const each of fetched) if (each.topic === marks.topic) marks.read(each)
      const events = fetched.filter(({ topic }) => topic !== marks.topic)
      const before = parked.streams.size
      if (events.length > 0) places = await by.apply(batchOf(events, places, decode))
      if (parked.streams.size !== before) await parked.refresh()
      await goal.check(member, places)
      await look(member, by)
    })
  }

  const leave = async (): Promise<void> => {
    const member = group
    ahead.forget()
    group = undefined
    assigned = ''
    marks.forget()
    writer?.close()
    writer = undefined
    await member?.close().catch(() => {})
  }

  const recover = async (error: unknown): Promise<void> => {
    if (error instanceof Superseded) {
      assigned = ''
      ahead.forget()
      // What it knows of executions may be of what was not committed.
      writer?.close()
      writer = undefined
      return rest(waitMs)
    }
    const first = problem === undefined || problem === notJoined
    problem = messageOf(error)
    if (first) changed()
    await leave()
    if (!closed) await rest(retryMs)
  }

  /** Batches of other processes wait meanwhile. */
  const alone = <Result>(work: () => Promise<Result>): Promise<Result> =>
    exclusively(() => {
      // Its session is needed for the work.
      writer?.close()
      return withTablesAlone(pool, name, async () => {
        const behind = state.position
        try {
          const reached = (await readPlaces(pool, name)).map(({ position }) => position ?? '')
          state.position = [...reached, behind ?? ''].sort().at(-1) || undefined
          return await work()
        } catch (error) {
          state.position = behind
          throw error
        }
      })
    })

  const rebuild = async (onProgress: (progress: RebuildProgress) => void): Promise<RebuildProgress> => {
    if (state.rebuild !== undefined) throw new WeConnectError('INVALID_STATE', `${name} is being rebuilt already`)
    state.rebuild = { name, events: 0, eventsPerSecond: 0, fraction: 0, done: false }
    try {
      const swapped = async (session: Parameters<typeof unparkAll>[0], position: Position | undefined): Promise<void> => {
        await placesReached(session, name, position)
        await unparkAll(session, name)
      }
      return await rebuildTables({ journal, pool, timers, exclusively: alone, isClosed: () => closed, swapped }, state, (progress) => {
        state.rebuild = progress
        onProgress(progress)
      })
    } finally {
      state.rebuild = undefined
      assigned = ''
      changed()
      parts.onMoved()
    }
  }

  const rebuildFromLog = async (): Promise<void> => {
    await rebuild(() => {})
  }

  const run = async (): Promise<void> => {
    if (state.condition === 'rebuilding') await rebuildFromLog().catch(recover)
    while (!closed) await turn().catch(recover)
    await leave()
  }
  const running = run()

  return {
    state,
    status: async () => ({ ...(await statusOf(state, stateName(), journal, await journal.head(), timers.now())), unreachable: problem }),
    rebuild,
    wake: () => {
      lookedAt = 0
      wake()
    },
    close: async () => {
      closed = true
      wake()
      await running
    },
  }
}

const messageOf = (error: unknown): string => {
  if (isWeConnectError(error) || !(error instanceof AggregateError)) return error instanceof Error ? error.message : String(error)
  return messageOf(error.errors[0] ?? error.message)
}
