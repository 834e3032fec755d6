import type { Context } from '@weconnect/contracts/envelope'
import type { ExecutionRequested } from '@weconnect/contracts/events/execution'
import type { BinaryData, Outputs } from '@weconnect/contracts/items'
import type { JsonValue } from '@weconnect/contracts/json'
import type { EventStore } from '@weconnect/eventstore/port'
import type { Window } from '@weconnect/flow/gathering-state'
import type { SlotWait } from '@weconnect/flow/slot-parts'
import type { WorkflowContent } from '@weconnect/workflows/model'
import { type Dispatch, type Work, here as whereFound } from '../dispatch/dispatch.ts'
import { alone, type Peers } from '../dispatch/peers.ts'
import { RunQueue } from '../dispatch/run-queue.ts'
import { FlowGate } from '../flow/flow-gate.ts'
import { ParkedCallers } from '../flow/parked-callers.ts'
import { bytesOf, keepFile } from '../items/claim-files.ts'
import type { EngineParts } from '../parts.ts'
import { endOf, type RecordedResult, resultOf } from '../requests/ended.ts'
import type { Execution } from '../requests/execution-handle.ts'
import type { ExecuteRequest } from '../requests/execution-start.ts'
import type { Runs } from '../requests/runs.ts'
import type { RecordedExecution } from '../stream/recorded.ts'
import { Timers } from '../waits/timers.ts'
import { execute } from './begin.ts'
import { followLog, handAll, lookBesideOthers, unheld } from './find-work.ts'
import { takeHere } from './hand-over.ts'
import { due } from './hearing.ts'
import { resume } from './resume.ts'
import type { EngineRoom } from './room.ts'
import { type RunHere, RunsHere } from './runs-here.ts'
import { Suspects } from './suspects.ts'
import { doJob, takeUp } from './take-up.ts'

/** Milliseconds at most in which an engine that closes says what it lets go of. */
const releaseMs = 2_000

export interface EngineOptions {
  readonly parts: EngineParts
  readonly store: EventStore
  /** Executions at a time that nobody waits for. */
  readonly concurrency: number
  /** Milliseconds that steps which must not be cut off have at the end. */
  readonly drainMs: number
  /** Share of an organisation where several wait for one thing, a whole number of at least 1. */
  readonly weightOf: (organisationId: string) => number
  /** Other engines on the same log. */
  readonly peers: Peers
  /** Hands executions that nobody waits for to whichever engine is free; absent: they run where they are found. */
  readonly dispatch?: Dispatch | undefined
  /** Told of what went wrong in the background. */
  readonly onError: (error: unknown, executionId: string) => void
}

/** What the parts of the engine share. */
const roomOf = ({ dispatch = whereFound, concurrency, drainMs: _, ...given }: EngineOptions, closing: AbortSignal): EngineRoom => {
  const { parts, store, weightOf, onError } = given
  const here = new RunsHere()
  const timers = new Timers(parts.clock, parts.timer, (executionId) => due(room, executionId))
  const room: EngineRoom = {
    ...given,
    dispatch,
    here,
    closing,
    queue: new RunQueue(concurrency),
    timers,
    parked: new ParkedCallers(),
    gate: new FlowGate({
      parts,
      store,
      weightOf,
      onError,
      goOn: (executionId, priority) => void takeUp(room, executionId, { priority }),
      isHere: (executionId) => here.has(executionId),
      execute: (request) => execute(room, request).accepted,
    }),
    suspects: new Suspects({ clock: parts.clock, timers, takeUp: (executionId) => takeUp(room, executionId) }),
    takeUp: (executionId, options) => takeUp(room, executionId, options),
  }
  return room
}

/** Runs executions: those asked for here at once, those found in the log (recovery, other processes) from a queue. */
export class Engine implements Runs {
  readonly #room: EngineRoom
  readonly #drainMs: number
  readonly #closing = new AbortController()
  /** Jobs whose execution waits for a place here: it is given back to their queue at the end. */
  readonly #handedBack = new Set<(nothing: undefined) => void>()
  #following: Promise<unknown> = Promise.resolve()
  #recovered = false

  constructor(options: EngineOptions) {
    this.#drainMs = options.drainMs
    this.#room = roomOf(options, this.#closing.signal)
  }

  /** Takes up what an earlier process left, and follows the log. Alone, every claim of an earlier incarnation of this data folder's owner is dead. */
  async start(): Promise<void> {
    const { store, gate, peers } = this.#room
    this.#following = followLog(this.#room)
    const rows = await store.openWork()
    await gate.start(rows, peers === alone)
    if (peers === alone) handAll(this.#room, rows)
    else this.#following = Promise.all([this.#following, lookBesideOthers(this.#room)])
    this.#recovered = true
  }

  /** Hands over, or takes up, what of its own is open in the log and does not run here. Jobs that are there already are not made again. */
  async lookForWork(): Promise<void> {
    handAll(this.#room, unheld(this.#room, await this.#room.store.openWork()))
  }

  status(): { readonly ready: boolean; readonly running: number; readonly queued: number } {
    const { here, queue } = this.#room
    return { ready: this.#recovered, running: here.size, queued: queue.size }
  }

  /** Lets go of everything: another start goes on from the log. */
  async close(): Promise<void> {
    const { timers, gate, queue, parked, here } = this.#room
    this.#closing.abort()
    timers.close()
    gate.close()
    queue.clear()
    parked.close()
    const running = here.underWay()
    const delicate = running.filter(({ runner }) => runner.letGo())
    if (delicate.length > 0) await this.#drained(running)
    for (const { runner } of running) runner.stop('shutdown')
    await Promise.allSettled([...running.map(({ ended }) => ended), this.#following])
    await this.#released(running)
    for (const handBack of this.#handedBack) handBack(undefined)
  }

  /** Steps of which nobody would know what they did have a moment to end. */
  async #drained(running: readonly RunHere[]): Promise<void> {
    const ended = new AbortController()
    const all = Promise.allSettled(running.map((run) => run.ended)).then(() => ended.abort())
    await Promise.race([all, this.#room.parts.timer.wait(this.#drainMs, ended.signal)])
    ended.abort()
  }

  /** A log that cannot be written keeps nobody: then it looks like a crash. */
  async #released(running: readonly RunHere[]): Promise<void> {
    const written = new AbortController()
    const all = Promise.allSettled(running.map(({ runner }) => runner.release())).then(() => written.abort())
    await Promise.race([all, this.#room.parts.timer.wait(releaseMs, written.signal)])
    written.abort()
  }

  execute(request: ExecuteRequest): Execution {
    return execute(this.#room, request)
  }

  take(executionId: string): void {
    void takeUp(this.#room, executionId)
  }

  resume(executionId: string, input: Outputs, context: Pick<Context, 'actor' | 'organisationId'>): Execution {
    return resume(this.#room, executionId, input, context)
  }

  isRunning(executionId: string): boolean {
    return this.#room.here.has(executionId)
  }

  windowOf(executionId: string, organisationId: string): Promise<Window | undefined> {
    return this.#room.gate.windowOf(executionId, organisationId)
  }

  forkedFlow(requested: ExecutionRequested['data'], content: WorkflowContent, organisationId: string): Partial<ExecutionRequested['data']> {
    return this.#room.gate.forkedFlow(requested, content, organisationId)
  }

  slotWait(executionId: string, flow: JsonValue | undefined): Promise<SlotWait | undefined> {
    return this.#room.gate.waitOf(executionId, flow)
  }

  /** While a step of an execution waits for another execution, others may have its place. */
  lendPlace<Result>(executionId: string, work: () => Promise<Result>): Promise<Result> {
    return this.#room.queue.lend(executionId, work)
  }

  endOf(executionId: string, signal: AbortSignal): Promise<RecordedExecution> {
    const { store, parts, closing } = this.#room
    return endOf(store, parts.journal, executionId, AbortSignal.any([signal, closing]))
  }

  async resultOf(executionId: string, signal: AbortSignal): Promise<RecordedResult> {
    return resultOf(this.#room.parts.journal, await this.endOf(executionId, signal))
  }

  bytesOf(file: BinaryData, organisationId: string): Promise<Buffer> {
    return bytesOf(file, organisationId, this.#room.parts.binaries)
  }

  keepFile(pieces: AsyncIterable<Buffer>, organisationId: string): Promise<Pick<BinaryData, 'data' | 'id' | 'bytes'>> {
    return keepFile(pieces, organisationId, this.#room.parts.binaries)
  }

  /** Work that nobody else takes. */
  takeHere(work: Work): void {
    takeHere(this.#room, work)
  }

  /**
   * Does the work of a job, as far as there is any. Rejects when it could not be taken up for a reason that may pass, or is let go of: it may be tried
   * again, here or by another engine.
   */
  async takeUp(work: Work): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<undefined>()
    this.#handedBack.add(resolve)
    await doJob(this.#room, work, promise).finally(() => this.#handedBack.delete(resolve))
  }
}
