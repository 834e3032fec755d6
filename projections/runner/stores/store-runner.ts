import { isWeConnectError, WeConnectError } from '@weconnect/contracts/errors'
import type { Journal } from '@weconnect/eventstore/journal'
import type { ProjectionStatus, Projector, RebuildProgress } from '../face.ts'
import { mutex } from '../mutex.ts'
import type { StatusChange } from '../runner.ts'
import { openRests, type Timers } from '../timers.ts'
import { distance, logOf, type Progress, positionWaiters } from '../waiters.ts'
import type { Generation, ReadModelStore } from './store.ts'
import { type EventName, type FeedMark, logFeed, type StoreFeed } from './store-feed.ts'
import { rebuildStore } from './store-rebuild.ts'
import { storeWriter } from './store-writer.ts'

export interface StoreRunnerOptions {
  readonly journal: Journal
  readonly store: ReadModelStore
  readonly timers: Timers
  /** The log, unless given. */
  readonly feed?: StoreFeed
  /** Told when it stops, goes on, ends a rebuild, and when its server goes away or comes back. */
  readonly onStatus?: (change: StatusChange) => void
  /** Called after every batch. */
  readonly onMoved?: (progress: readonly Progress[]) => void
  /** Events read at once. */
  readonly batchEvents?: number
  /** How long to rest when there is nothing more. */
  readonly restMs?: number
}

const retryMs = 500
/** A server that went away, or lost what it had, is noticed this soon although nothing happens. */
const probeMs = 2_000
const nothing: EventName = { eventId: '', stream: '', revision: -1, type: 'ExecutionRequested' }

/**
 * Keeps the read model of a store up with what feeds it: it writes a batch, then remembers how far it is. A server that does not answer is asked again
 * until it does; nothing else waits for it. Answers at once.
 */
export const startStoreRunner = ({ journal, store, timers, batchEvents = 1_000, restMs = 50, ...told }: StoreRunnerOptions): Projector => {
  const feed = told.feed ?? logFeed(journal, batchEvents)
  const writer = storeWriter(journal)
  const exclusively = mutex()
  /** Undefined while it must be asked of the store (again). */
  let current: Generation | undefined
  let mark: FeedMark = { position: undefined }
  let poison: ProjectionStatus['poison']
  let unreachable: string | undefined = 'it has not answered yet'
  let rebuilding: RebuildProgress | undefined
  let probedAt = 0
  let closed = false

  const state = (): ProjectionStatus['state'] => {
    if (unreachable !== undefined) return 'waiting'
    if (poison !== undefined) return 'stopped'
    return current === undefined ? 'rebuilding' : 'running'
  }
  const progress = (): readonly Progress[] => [{ name: store.name, position: mark.position, condition: state() }]
  const { rest, wake } = openRests(timers)
  const waiters = positionWaiters(timers, progress, wake)
  const moved = (): void => {
    waiters.moved()
    told.onMoved?.(progress())
  }
  const changed = (error?: string): void => {
    told.onStatus?.({ name: store.name, state: state(), ...(poison && { poison }), ...(error !== undefined && { error }) })
    moved()
  }
  const stop = ({ eventId, stream, revision, type }: EventName, error: string): void => {
    poison = { eventId, stream, revision, type, error }
    changed()
  }

  /** Goes on where the store says; what is of another log, or was written by another version, is built anew. */
  const open = async (): Promise<void> => {
    const found = await store.open()
    unreachable = undefined
    const at = { position: found.position ?? undefined, places: found.places }
    if (found.version !== store.version || !(await isOfLog(journal, at)) || !(await feed.open(at))) {
      if (rebuilding === undefined) await build(atOnce)
      return
    }
    current = found
    mark = at
    changed()
  }

  const build = async (
    alone: <Result>(work: () => Promise<Result>) => Promise<Result>,
    onProgress: (progress: RebuildProgress) => void = () => {},
  ): Promise<RebuildProgress> => {
    rebuilding = { name: store.name, events: 0, eventsPerSecond: 0, fraction: 0, done: false }
    try {
      const live = () => (current === undefined ? undefined : feed.farthest())
      const parts = { journal, store, timers, exclusively: alone, live, isClosed: () => closed }
      const report = (at: RebuildProgress): void => {
        rebuilding = at
        onProgress(at)
      }
      return await rebuildStore(parts, report, async (built) => {
        current = built.generation
        mark = await feed.rebuilt(built.position)
        poison = undefined
      })
    } finally {
      rebuilding = undefined
      changed()
    }
  }

  /** @returns whether enough is left for another batch at once */
  const turn = async (): Promise<boolean> => {
    if (current === undefined) await open()
    if (poison !== undefined || current === undefined) return false
    const { events, unreadable } = await feed.next()
    const refused = events.length === 0 ? undefined : await writer.write(current, events)
    const written = refused === undefined ? events.length : events.indexOf(refused.event)
    const before = mark.position
    mark = await feed.wrote(written)
    const moves = written > 0 || mark.position !== before
    if (moves) await keep(current)
    else if (refused === undefined) await probe(current)
    const stopping = refused ?? unreadable
    if (stopping !== undefined) stop(stopping.event, stopping.error)
    else if (moves) moved()
    return stopping === undefined && events.length > 0 && (await feed.more())
  }

  const keep = async (generation: Generation): Promise<void> => {
    probedAt = timers.now()
    await generation.keep(mark.position ?? null, mark.places)
  }

  const probe = async (generation: Generation): Promise<void> => {
    if (mark.position !== undefined && timers.now() - probedAt >= probeMs) await keep(generation)
  }

  /** How much was written is unknown: the store is asked again. */
  const failed = (error: unknown): void => {
    const before = unreachable
    unreachable = messageOf(error)
    current = undefined
    if (before === undefined) changed(unreachable)
  }

  const run = async (): Promise<void> => {
    while (!closed) {
      try {
        if (!(await exclusively(turn)) && !closed) await rest(waiters.any ? 2 : restMs)
      } catch (error) {
        if (isWeConnectError(error, 'PROJECTION_STOPPED')) stop(nothing, error.message)
        else failed(error)
        if (!closed) await rest(retryMs)
      }
    }
  }

  const known = (name: string): void => {
    if (name !== store.name) throw new WeConnectError('NOT_FOUND', `there is no projection ${name}; there is ${store.name}`)
  }
  const running = run()

  return {
    status: async () => {
      const { position } = mark
      const eventsBehind = Math.max(0, distance(position, await journal.head()))
      const [oldest] = eventsBehind === 0 ? [] : await journal.readAll({ after: position, limit: 1 }).catch(() => [])
      const msBehind = oldest === undefined ? 0 : Math.max(0, timers.now() - Date.parse(oldest.time))
      const { name, version, variable } = store
      const why = unreachable === undefined ? undefined : `${variable}: ${unreachable}`
      return [{ name, version, state: state(), position, eventsBehind, msBehind, rebuild: rebuilding, poison, unreachable: why }]
    },
    rebuild: async (name, onProgress) => {
      known(name)
      if (rebuilding !== undefined) throw new WeConnectError('INVALID_STATE', `${name} is being rebuilt already`)
      // Until it is known what there is, nobody may build beside who finds that out.
      return current === undefined ? exclusively(() => build(atOnce, onProgress)) : build(exclusively, onProgress)
    },
    retry: async (name) => {
      known(name)
      if (poison === undefined) return
      poison = undefined
      await exclusively(turn)
      const again = poison as ProjectionStatus['poison']
      if (again !== undefined) throw new WeConnectError('PROJECTION_STOPPED', `${name} stopped again: ${again.error}`)
      changed()
    },
    waitFor: waiters.waitFor,
    close: async () => {
      closed = true
      wake()
      await running
      await feed.close()
      await store.close()
    },
  }
}

const atOnce = <Result>(work: () => Promise<Result>): Promise<Result> => work()

const isOfLog = async (journal: Journal, { position, places = [] }: FeedMark): Promise<boolean> => {
  const head = await journal.head()
  const positions = [position, ...places.map((place) => place.position)].filter((each) => each !== undefined)
  return positions.every((each) => logOf(each) === journal.logId && head !== undefined && each <= head)
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))
