import { WeConnectError } from '@weconnect/contracts/errors'
import type { Journal } from '@weconnect/eventstore/journal'
import type { KafkaSettings } from '@weconnect/kafka/connect'
import { setUpTopics } from '@weconnect/kafka/topic-setup'
import type { Pool } from '@weconnect/postgres/pool'
import type { Projector } from '../face.ts'
import { prepareStates } from '../migrate.ts'
import { parkedStreams, pausedProjections, retryParked } from '../parked-streams.ts'
import type { RunnerOptions } from '../runner.ts'
import { openRests, rest } from '../timers.ts'
import { positionWaiters } from '../waiters.ts'
import { startTopicRunner, type TopicRunner } from './topic-runner.ts'

export interface TopicRunnersOptions extends Pick<RunnerOptions, 'projections' | 'timers' | 'onStatus' | 'onMoved'> {
  /** For what the topics do not say: the first event of an execution that began earlier, rebuilds, and events that a parked stream holds back. */
  readonly journal: Journal
  /** Of `sessionsFor` these projections: with fewer, rebuilds wait for each other. */
  readonly pool: Pool
  readonly kafka: KafkaSettings
}

/** Each has a session of its own, and one more while it is rebuilt; the others are for what is asked beside. */
export const sessionsFor = (projections: readonly unknown[]): number => 2 * projections.length + 2

/** One number for all: of several processes that start at once, one makes the tables. */
const prepareLock = 7_305_005
const pauseLookMs = 500

/**
 * Keeps the tables of projections up with the topics, each as a member of a consumer group of its own. Any number of processes may do so on
 * the same database: they share the partitions.
 * @throws WeConnectError or an error of the database or of Kafka when the start fails
 */
export const runProjectionsFromKafka = async (options: TopicRunnersOptions): Promise<Projector> => {
  const { journal, pool, kafka, projections, timers } = options
  await setUpTopics(kafka)
  const states = await prepared(options)
  let paused: ReadonlySet<string> = new Set(await pausedProjections(pool))
  let closed = false

  const progress = () => states.map(({ projection, position, condition }) => ({ name: projection.name, position, condition }))
  const waiters = positionWaiters(timers, progress, () => {})
  const runners = states.map((state) =>
    startTopicRunner(
      {
        ...{ journal, pool, kafka, timers },
        isPaused: (name) => paused.has(name),
        onStatus: (change) => options.onStatus?.(change),
        onMoved: () => {
          waiters.moved()
          options.onMoved?.(progress())
        },
      },
      state,
    ),
  )
  options.onMoved?.(progress())

  const pauseLooks = openRests(timers)
  const lookForPauses = async (): Promise<void> => {
    while (!closed) {
      await pauseLooks.rest(pauseLookMs)
      if (!closed)
        paused = await pausedProjections(pool).then(
          (names) => new Set(names),
          () => paused,
        )
    }
  }
  const looking = lookForPauses()

  const runnerOf = (name: string): TopicRunner => {
    const runner = runners.find(({ state }) => state.projection.name === name)
    if (runner !== undefined) return runner
    throw new WeConnectError('NOT_FOUND', `there is no projection ${name}; there are ${projections.map((each) => each.name).join(', ')}`)
  }

  /** Whoever has the partition tries it; here it is only waited for. */
  const retry = async (name: string): Promise<void> => {
    const runner = runnerOf(name)
    if ((await retryParked(pool, name)) === 0) return
    for (let tries = 0; tries < 100; tries += 1) {
      runner.wake()
      await rest(timers, 100)
      const [waiting] = await pool.query('select 1 from public.projection_parked where projection = $1 and retry', [name])
      if (waiting === undefined) break
    }
    const [still] = await parkedStreams(pool, name)
    if (still !== undefined)
      throw new WeConnectError('PROJECTION_STOPPED', `${name} still cannot apply ${still.type} of ${still.stream}: ${still.error}`)
  }

  return {
    status: async () =>
      Promise.all(runners.map(async (runner) => ({ ...(await runner.status()), paused: paused.has(runner.state.projection.name) }))),
    rebuild: async (name, onProgress = () => {}) => runnerOf(name).rebuild(onProgress),
    retry,
    waitFor: waiters.waitFor,
    close: async () => {
      closed = true
      pauseLooks.wake()
      await looking
      await Promise.all(runners.map((runner) => runner.close()))
    },
  }
}

const prepared = async ({ journal, pool, projections }: TopicRunnersOptions) => {
  const session = await pool.session()
  try {
    await session.query('select pg_advisory_lock($1)', [prepareLock])
    const states = await prepareStates(pool, projections, { logId: journal.logId, head: await journal.head(), shared: true })
    return states
  } finally {
    await session.query('select pg_advisory_unlock($1)', [prepareLock]).catch(() => {})
    session.release()
  }
}
