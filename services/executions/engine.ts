import type { Context } from '@weconnect/contracts/envelope'
import { errorCodes, isWeConnectError, publicError, WeConnectError } from '@weconnect/contracts/errors'
import type { ExecutionRequested } from '@weconnect/contracts/events/execution'
import { familyOf, idOf } from '@weconnect/contracts/ids'
import type { BinaryData, Outputs } from '@weconnect/contracts/items'
import type { JsonValue } from '@weconnect/contracts/json'
import { noStream } from '@weconnect/eventstore/journal'
import type { EventStore, WorkRow } from '@weconnect/eventstore/port'
import type { Window } from '@weconnect/flow/gathering-state'
import type { SlotWait } from '@weconnect/flow/slot-parts'
import type { NodeResponse } from '@weconnect/nodes/sdk/node'
import type { WorkflowContent } from '@weconnect/workflows/model'
import { claimOf } from './claim.ts'
import { bytesOf, claimFiles, hasLargeFiles, keepFile } from './claim-files.ts'
import { type Dispatch, here, kindOfTrigger, type Work, workOfRequest } from './dispatch.ts'
import { endOf, type RecordedResult, resultOf } from './ended.ts'
import { type Accepted, type Execution, refused } from './execution-handle.ts'
import { type ExecuteRequest, requestedOf, startedOf } from './execution-start.ts'
import { type Admitted, FlowGate } from './flow-gate.ts'
import { followGrants } from './follow-grants.ts'
import { followRequests } from './follow-requests.ts'
import { graphOf } from './graph.ts'
import { openLeftBehind } from './left-behind.ts'
import { ParkedCallers } from './parked-callers.ts'
import type { EngineParts } from './parts.ts'
import { alone, type Peers } from './peers.ts'
import { executionStream, type RecordedExecution, readExecution } from './recorded.ts'
import { Recorder, type Recording } from './recorder.ts'
import { restsUntil } from './rest.ts'
import { resumeExecution } from './resume-execution.ts'
import type { RunEnd } from './run-end.ts'
import { type Place, RunQueue } from './run-queue.ts'
import { type RunStart, runnerOf } from './run-start.ts'
import type { Runner } from './runner.ts'
import type { Runs } from './runs.ts'
import { startNodeOf } from './start-node.ts'
import { type Execution as ExecutionState, hasEnded, initialExecution } from './state.ts'
import { Timers } from './timers.ts'
import { failUnrunnable } from './unrunnable.ts'

/** Milliseconds until an execution whose append failed (a full disk) is tried again. */
const retryAfterMs = 1000
/** Milliseconds between two looks for what other engines left behind. */
const lookAgainMs = 1000
/** Times that an execution is taken up again after an error that nobody foresaw, before it fails. */
const unknownErrorTries = 5

interface Running {
  readonly runner: Runner
  readonly ended: Promise<unknown>
}

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

/** Runs executions: those asked for here at once, those found in the log (recovery, other processes) from a queue. */
export class Engine implements Runs {
  readonly #parts: EngineParts
  readonly #store: EventStore
  readonly #onError: EngineOptions['onError']
  readonly #drainMs: number
  readonly #peers: Peers
  readonly #weightOf: EngineOptions['weightOf']
  readonly #dispatch: Dispatch
  /** Something was said of them before their run could hear it. */
  readonly #told = new Set<string>()
  readonly #running = new Map<string, Running | undefined>()
  readonly #queue: RunQueue
  readonly #timers: Timers
  readonly #failed = new Map<string, number>()
  /** Executions whose wait is being ended here: who asked for it gets the run, not the follower of the log. */
  readonly #resuming = new Set<string>()
  readonly #closing = new AbortController()
  readonly #gate: FlowGate
  readonly #parked = new ParkedCallers()
  /** Jobs whose execution waits for a place here: it is given back to their queue at the end. */
  readonly #handedBack = new Set<() => void>()
  #following: Promise<void> = Promise.resolve()
  #recovered = false

  constructor(options: EngineOptions) {
    this.#parts = options.parts
    this.#store = options.store
    this.#onError = options.onError
    this.#drainMs = options.drainMs
    this.#peers = options.peers
    this.#weightOf = options.weightOf
    this.#dispatch = options.dispatch ?? here
    this.#queue = new RunQueue(options.concurrency)
    this.#timers = new Timers(options.parts.clock, options.parts.timer, (executionId) => this.#due(executionId))
    const { parts, store, weightOf, onError } = options
    const goOn = (executionId: string, priority: number): void => void this.#adopt(executionId, undefined, priority)
    const isHere = (executionId: string): boolean => this.#running.has(executionId)
    const execute = (request: ExecuteRequest): Promise<unknown> => this.execute(request).accepted
    this.#gate = new FlowGate({ parts, store, weightOf, goOn, isHere, execute, onError })
  }

  /** Takes up what an earlier process left, and follows the log. Alone, every claim of an earlier incarnation of this data folder's owner is dead. */
  async start(): Promise<void> {
    this.#following = followRequests(this.#store, this.#closing.signal, {
      requested: (executionId, data) => {
        if (this.#peers.owns(executionId)) this.#requested(executionId, data)
      },
      cancelled: (executionId) => this.#cancelled(executionId),
      told: (executionId) => this.#hear(executionId),
      left: (executionId) => this.#gate.left(executionId),
    }).catch((error: unknown) => {
      if (!this.#closing.signal.aborted) this.#onError(error, '')
    })
    const rows = await this.#store.openWork()
    await this.#gate.start(rows, this.#peers === alone)
    if (this.#peers === alone) this.#handAll(rows)
    else this.#following = Promise.all([this.#following, this.#besideOthers()]).then(() => undefined)
    this.#recovered = true
  }

  /** Hands over, or takes up, what of its own is open in the log and does not run here. Jobs that are there already are not made again. */
  async lookForWork(): Promise<void> {
    const rows = await this.#store.openWork()
    this.#handAll(rows.filter(({ stream, worker }) => !this.#gate.isWaiting(idOf(stream)) && this.#isFree(idOf(stream), worker)))
  }

  #isFree(executionId: string, worker: string | undefined): boolean {
    const isElsewhere = worker !== undefined && worker !== this.#parts.worker && this.#peers.isAlive(worker)
    return !isElsewhere && this.#peers.owns(executionId)
  }

  #handAll(rows: readonly WorkRow[]): void {
    for (const row of rows) {
      const executionId = idOf(row.stream)
      if (familyOf(row.stream) !== 'execution' || this.#running.has(executionId)) continue
      if (row.status === 'waiting') {
        if (row.dueAt !== undefined) this.#hand({ executionId, kind: 'goOn', dueAt: row.dueAt })
      } else this.#hand({ executionId, kind: row.status === 'ready' ? 'begin' : 'goOn' })
    }
  }

  #requested(executionId: string, data: Buffer): void {
    if (this.#running.has(executionId)) return
    const work = this.#dispatch === here ? undefined : workOfRequest(executionId, data)
    if (work) this.#hand(work)
    else void this.#adopt(executionId)
  }

  /** What other engines, or nobody, leave behind. */
  async #besideOthers(): Promise<void> {
    const { clock, timer, worker } = this.#parts
    const owns = (executionId: string): boolean => this.#peers.owns(executionId)
    const leftBehind = openLeftBehind(worker, this.#peers)
    const granted = followGrants(this.#store, this.#closing.signal, (executionId) => owns(executionId) && void this.#adopt(executionId))
    while (!this.#closing.signal.aborted) {
      try {
        const rows = await this.#store.openWork()
        // What was asked for and is in a queue waits there for whoever is free.
        const isQueued = this.#dispatch.takes('begin')
        const open = rows.filter(({ stream, status }) => !this.#running.has(idOf(stream)) && !(isQueued && status === 'ready'))
        for (const executionId of leftBehind(open, clock.now())) void this.#adopt(executionId)
        await this.#gate.lookAgain(rows.filter(({ stream }) => owns(idOf(stream))))
      } catch (error) {
        if (!isWeConnectError(error, 'UNAVAILABLE')) this.#onError(error, '')
      }
      await timer.wait(lookAgainMs, this.#closing.signal)
    }
    await granted
  }

  status(): { readonly ready: boolean; readonly running: number; readonly queued: number } {
    return { ready: this.#recovered, running: this.#running.size, queued: this.#queue.size }
  }

  /** Lets go of everything: another start goes on from the log. */
  async close(): Promise<void> {
    this.#closing.abort()
    this.#timers.close()
    this.#gate.close()
    this.#queue.clear()
    this.#parked.close()
    const running = [...this.#running.values()]
    if (running.some((entry) => entry?.runner.letGo())) await this.#drained(running)
    for (const entry of running) entry?.runner.stop('shutdown')
    await Promise.allSettled([...running.map((entry) => entry?.ended), this.#following])
    for (const handBack of this.#handedBack) handBack()
  }

  /** Steps of which nobody would know what they did have a moment to end. */
  async #drained(running: readonly (Running | undefined)[]): Promise<void> {
    const ended = new AbortController()
    const all = Promise.allSettled(running.map((entry) => entry?.ended)).then(() => ended.abort())
    await Promise.race([all, this.#parts.timer.wait(this.#drainMs, ended.signal)])
    ended.abort()
  }

  /** Begins an execution here. With `answer: immediately` the request is appended first, and the run waits for its turn in the queue. */
  execute(request: ExecuteRequest): Execution {
    if (this.#running.has(request.executionId)) return refused(request.executionId)
    const answer = Promise.withResolvers<NodeResponse | undefined>()
    const accepted = Promise.withResolvers<Accepted>()
    this.#running.set(request.executionId, undefined)
    const ended = this.#begin(request, accepted.resolve, answer.resolve)
    ended.then(
      () => answer.resolve(undefined),
      (error: unknown) => {
        accepted.reject(error)
        answer.reject(error)
      },
    )
    for (const promise of [answer.promise, accepted.promise, ended]) promise.catch(() => undefined)
    return { accepted: accepted.promise, answered: answer.promise, ended }
  }

  /** Runs an execution that is in the log, such as one that was forked, from where its stream stands. */
  take(executionId: string): void {
    void this.#adopt(executionId)
  }

  /**
   * Ends the wait of an execution that waits for a call, and goes on with it. `accepted` resolves when that is on disk.
   * @throws WeConnectError NOT_FOUND, INVALID_STATE when it waits for no call: `accepted` and `ended` reject
   */
  resume(executionId: string, input: Outputs, context: Pick<Context, 'actor' | 'organisationId'>): Execution {
    const answer = Promise.withResolvers<NodeResponse | undefined>()
    this.#resuming.add(executionId)
    const accepted = resumeExecution(this.#parts.journal, executionId, input, context)
    // It may have paused this moment: what it was woken for is seen only by a new start.
    const paused = accepted.finally(() => {
      const running = this.#running.get(executionId)
      if (running) void this.#refresh(running.runner, executionId)
      return running?.ended.catch(() => undefined)
    })
    const taken = paused.finally(() => this.#resuming.delete(executionId)).then(() => this.#adopt(executionId, answer.resolve))
    // Refused: when another process has resumed it, that was not followed meanwhile.
    taken.catch(() => this.#adopt(executionId))
    const ended = taken.then((end) => end ?? ({ kind: 'stopped' } as const))
    ended.then(() => answer.resolve(undefined), answer.reject)
    for (const promise of [answer.promise, accepted, ended]) promise.catch(() => undefined)
    return { accepted, answered: answer.promise, ended }
  }

  /** Whether it runs here, or waits for a place. */
  isRunning(executionId: string): boolean {
    return this.#running.has(executionId)
  }

  /** What an execution that is put aside, and not in the log, waits for. */
  windowOf(executionId: string, organisationId: string): Promise<Window | undefined> {
    return this.#gate.windowOf(executionId, organisationId)
  }

  /** What a fork has to hold before it is run: part of its request. */
  forkedFlow(requested: ExecutionRequested['data'], content: WorkflowContent, organisationId: string): Partial<ExecutionRequested['data']> {
    return this.#gate.forkedFlow(requested, content, organisationId)
  }

  /** What it must hold before it goes on, and who holds it. */
  slotWait(executionId: string, flow: JsonValue | undefined): Promise<SlotWait | undefined> {
    return this.#gate.waitOf(executionId, flow)
  }

  /** While a step of an execution waits for another execution, others may have its place. */
  lendPlace<Result>(executionId: string, work: () => Promise<Result>): Promise<Result> {
    return this.#queue.lend(executionId, work)
  }

  /** Waits for an execution that runs elsewhere, or ran before. */
  endOf(executionId: string, signal: AbortSignal): Promise<RecordedExecution> {
    return endOf(this.#store, this.#parts.journal, executionId, AbortSignal.any([signal, this.#closing.signal]))
  }

  /** How an execution ended, wherever it ran, with its last items and what it answered. */
  async resultOf(executionId: string, signal: AbortSignal): Promise<RecordedResult> {
    return resultOf(this.#parts.journal, await this.endOf(executionId, signal))
  }

  /** The bytes of a file that an item of an execution carries. @throws WeConnectError PAYLOAD_UNREADABLE */
  bytesOf(file: BinaryData, organisationId: string): Promise<Buffer> {
    return bytesOf(file, organisationId, this.#parts.binaries)
  }

  /** @throws what `pieces` throws */
  keepFile(pieces: AsyncIterable<Buffer>, organisationId: string): Promise<Pick<BinaryData, 'data' | 'id' | 'bytes'>> {
    return keepFile(pieces, organisationId, this.#parts.binaries)
  }

  #claimed({ input, context: { organisationId } }: ExecuteRequest): Outputs | Promise<Outputs> {
    return hasLargeFiles(input) ? claimFiles(input, organisationId, this.#parts.binaries) : input
  }

  async #begin(request: ExecuteRequest, accept: (accepted: Accepted) => void, answer: (response: NodeResponse) => void): Promise<RunEnd> {
    const { executionId } = request
    let admitted: Admitted | undefined
    try {
      const content = await this.#parts.contentAt(request.workflowId, request.workflowRevision)
      const graph = graphOf(content)
      const startNode = startNodeOf(graph, request.trigger, request.triggerNode, this.#parts)
      const input = await this.#claimed(request)
      const flow = this.#gate.declares(content)
      if (flow) admitted = await this.#gate.admit(flow, { ...request, input }, content)
      if (admitted?.gathered) return this.#putAside(executionId, admitted.gathered, accept)
      const requested = requestedOf({ ...request, input }, startNode.nodeId, admitted)
      const recorder = this.#recorder(executionId, { context: request.context, head: noStream, state: initialExecution() })
      recorder.record({ type: 'ExecutionRequested', data: requested }, () => accept(recorder.token(this.#store.logId)))
      const started = startedOf(this.#parts, graph, startNode.nodeId, executionId)
      const begin = (): Promise<RunEnd> => {
        recorder.record({ type: 'ExecutionStarted', data: started })
        return this.#run({ context: request.context, graph, recorder, requested, started, onAnswer: answer })
      }
      const isNext = admitted?.granted ?? true
      if (isNext && request.answer !== 'immediately') return await begin()
      const isHanded = !flow && this.#dispatch.takes(kindOfTrigger(request.trigger))
      if (isHanded) this.#running.delete(executionId)
      await recorder.flush()
      // Whoever follows the log hands it over.
      if (isHanded) return { kind: 'stopped' }
      if (!isNext) {
        const parked = this.#parked.park(executionId, request.answer === 'immediately' ? undefined : answer)
        this.#waitTurn(executionId)
        return await parked
      }
      if (!this.#peers.owns(executionId)) {
        this.#running.delete(executionId)
        return { kind: 'stopped' }
      }
      return await new Promise<RunEnd>((resolve, reject) =>
        this.#queue.add(() => begin().then(resolve, reject), { id: executionId, ...this.#placeOf(requested.priority, request.context) }),
      )
    } catch (error) {
      this.#letGo(executionId)
      if (admitted) this.#gate.left(executionId)
      throw error
    }
  }

  /** What came is on disk, and becomes part of an execution later. */
  #putAside(
    executionId: string,
    { executionId: within, token }: NonNullable<Admitted['gathered']>,
    accept: (to: Accepted) => void,
  ): RunEnd {
    this.#running.delete(executionId)
    accept({ ...token, within })
    return { kind: 'paused', within }
  }

  #placeOf(priority: number | undefined, { organisationId }: Context): Place {
    return { priority, organisationId, weight: this.#weightOf(organisationId) }
  }

  #waitTurn(executionId: string): undefined {
    this.#running.delete(executionId)
    // Its turn may have come while it was busy asking.
    if (!this.#gate.isWaiting(executionId) || this.#told.delete(executionId)) void this.#adopt(executionId)
  }

  #recorder(executionId: string, from: Omit<Recording, 'stream'>): Recorder {
    const heard = (state: ExecutionState): void => this.#running.get(executionId)?.runner.notice(state)
    return new Recorder(this.#parts.journal, this.#parts.clock, { stream: executionStream(executionId), ...from }, heard)
  }

  /** Runs to the end, to a pause, or until it is taken away; keeps the books of what is running. */
  async #run(start: RunStart): Promise<RunEnd> {
    const { recorder, requested, started, recovered } = start
    const requestedAtMs = recovered?.state.requestedAt ? Date.parse(recovered.state.requestedAt) : this.#parts.clock.now()
    const runner = runnerOf(this.#parts, start, requestedAtMs)
    const deadline = started.timeoutMs === undefined ? undefined : requestedAtMs + started.timeoutMs + recorder.state.heldMs
    if (deadline !== undefined && deadline <= this.#parts.clock.now() && !recorder.state.cancellationRequested) runner.stop('timeout')
    const isTold = this.#told.delete(requested.executionId)
    const work = isTold || recovered ? this.#resumed(runner, start, isTold) : runner.run()
    this.#running.set(requested.executionId, { runner, ended: work })
    if (this.#closing.signal.aborted) runner.stop('shutdown')
    const settled = deadline === undefined ? undefined : this.#limitTime(runner, deadline)
    try {
      const end = await work
      this.#running.delete(requested.executionId)
      this.#failed.delete(requested.executionId)
      if (end.kind === 'paused') this.#rest(requested.executionId, recorder.state)
      else this.#told.delete(requested.executionId)
      if (requested.flow !== undefined) this.#gate.left(requested.executionId)
      return end
    } catch (error) {
      this.#running.delete(requested.executionId)
      if (!recovered && recorder.head.revision >= 0) this.#retryLater(requested.executionId, error)
      throw error
    } finally {
      settled?.abort()
    }
  }

  /** What was said before the run could hear it, is read first. */
  async #resumed(runner: Runner, { recorder, recovered }: RunStart, isTold: boolean): Promise<RunEnd> {
    if (recovered) await runner.resume(recovered)
    else await recorder.flush()
    if (isTold) await runner.refresh()
    return runner.run()
  }

  /** Left alone until it is due; what was said while its run ended may have made it so. */
  #rest(executionId: string, state: ExecutionState): void {
    const until = restsUntil(state)
    if (until <= this.#parts.clock.now() || this.#told.delete(executionId)) void this.#adopt(executionId)
    else if (!Number.isFinite(until)) return
    else if (state.requested?.flow !== undefined) this.#timers.set(executionId, until)
    else this.#hand({ executionId, kind: state.pausedFor === 'retry' ? 'retry' : 'goOn', dueAt: until })
  }

  #limitTime(runner: Runner, deadline: number): AbortController {
    const settled = new AbortController()
    void this.#parts.timer.limit(Math.max(0, deadline - this.#parts.clock.now()), settled.signal).then(() => {
      if (!settled.signal.aborted) runner.stop('timeout')
    })
    return settled
  }

  #retryLater(executionId: string, error: unknown): void {
    this.#onError(error, executionId)
    if (!this.#closing.signal.aborted) this.#timers.set(executionId, this.#parts.clock.now() + retryAfterMs)
  }

  #hand(work: Work): void {
    if (!this.#dispatch.offer(work)) this.takeHere(work)
  }

  /** Work that nobody else takes. */
  takeHere({ executionId, dueAt, priority }: Work): void {
    if (dueAt !== undefined && dueAt > this.#parts.clock.now()) this.#timers.set(executionId, dueAt)
    else void this.#adopt(executionId, undefined, priority)
  }

  /**
   * Does the work of a job, as far as there is any. Rejects when it could not be taken up for a reason that may pass, or is let go of: it may be tried
   * again, here or by another engine.
   */
  async takeUp({ executionId, priority }: Work): Promise<void> {
    // It may pause this moment: what it is taken up for is seen only by a new start.
    await this.#running.get(executionId)?.ended.catch(() => undefined)
    let failure: unknown
    const later = (error: unknown): void => {
      failure = error
    }
    const { promise, resolve } = Promise.withResolvers<undefined>()
    const handBack = (): void => resolve(undefined)
    this.#handedBack.add(handBack)
    const end = await Promise.race([this.#adopt(executionId, undefined, priority, { later }), promise])
    this.#handedBack.delete(handBack)
    if (failure !== undefined) throw failure
    if (this.#closing.signal.aborted && (end === undefined || end.kind === 'stopped'))
      throw new WeConnectError('UNAVAILABLE', 'The engine is stopping')
  }

  /** @param job when it is done for a job: it was given to this engine, whoever it belongs to, and its queue tries again */
  #adopt(
    executionId: string,
    onAnswer = this.#parked.answerOf(executionId),
    priority?: number,
    job?: { later(error: unknown): void },
  ): Promise<RunEnd | undefined> {
    if (this.#running.has(executionId) || this.#closing.signal.aborted) return Promise.resolve(undefined)
    this.#running.set(executionId, undefined)
    const { promise, resolve } = Promise.withResolvers<RunEnd | undefined>()
    this.#queue.add(
      async () => {
        try {
          const end = await this.#goOn(executionId, onAnswer, job !== undefined)
          if (end) this.#parked.tell(executionId, end)
          resolve(end)
          // Said when it had been looked at already.
          if (!this.#running.has(executionId) && this.#told.delete(executionId)) void this.#adopt(executionId)
        } catch (error) {
          this.#running.delete(executionId)
          const told = this.#notAdopted(executionId, error, (cause) => (job ? job.later(cause) : this.#retryLater(executionId, cause)))
          resolve(undefined)
          await told
        }
      },
      { id: executionId, priority },
    )
    return promise
  }

  /** Another has it; or the store fails and it is tried again; or it can never go on (its version cannot be read), so it ends here. */
  async #notAdopted(executionId: string, error: unknown, later: (error: unknown) => void): Promise<void> {
    if (isWeConnectError(error, 'REVISION_CONFLICT') || isWeConnectError(error, 'LEASE_LOST')) return
    const { code, message } = publicError(error)
    const mayPass = errorCodes[code].retryable || (code === 'INTERNAL' && this.#failures(executionId) < unknownErrorTries)
    if (mayPass) return later(error)
    this.#onError(error, executionId)
    await failUnrunnable(this.#parts, executionId, { code, message })
    this.#parked.tell(executionId, { kind: 'failed', code, error: { code, message } })
  }

  /** How often it could not be taken up, this time included; cleared when it goes on. */
  #failures(executionId: string): number {
    const count = (this.#failed.get(executionId) ?? 0) + 1
    this.#failed.set(executionId, count)
    return count
  }

  /** Claims an execution that has no live worker and goes on from its last durable step. */
  async #goOn(
    executionId: string,
    onAnswer: ((response: NodeResponse) => void) | undefined,
    isGiven: boolean,
  ): Promise<RunEnd | undefined> {
    const found = await readExecution(this.#parts.journal, executionId)
    const { context } = found
    const requested = found.state.requested
    const nothing = (end: RunEnd = { kind: 'cancelled' }): undefined => {
      this.#letGo(executionId)
      this.#gate.left(executionId, true)
      this.#parked.tell(executionId, end)
    }
    if (!requested || hasEnded(found.state.status)) return nothing()
    if (this.#isOthers(executionId, found.state, isGiven)) return this.#leaveToOthers(executionId)
    const until = restsUntil(found.state)
    if (until > this.#parts.clock.now()) {
      if (Number.isFinite(until)) this.#timers.set(executionId, until)
      return nothing({ kind: 'paused' })
    }
    const mayRun = requested.flow === undefined || found.state.cancellationRequested || (await this.#gate.acquire(found, requested))
    if (!mayRun) return this.#waitTurn(executionId)
    const recorder = this.#recorder(executionId, found)
    const claim = await claimOf(this.#parts, found)
    for (const event of claim) recorder.record(event)
    await recorder.flush()
    if (hasEnded(recorder.state.status)) return nothing()
    // Someone may have resumed it while it was claimed.
    const isAsFound = recorder.head.revision === found.head.revision + claim.length
    const recorded = isAsFound ? found : await readExecution(this.#parts.journal, executionId)
    const { state } = recorded
    if (!isAsFound && restsUntil(state) > this.#parts.clock.now()) {
      this.#rest(executionId, state)
      return nothing({ kind: 'paused' })
    }
    const graph = graphOf(await this.#parts.contentAt(requested.workflowId, requested.workflowRevision))
    const started =
      state.started ??
      startedOf(this.#parts, graph, startNodeOf(graph, requested.trigger, requested.triggerNodeId, this.#parts).nodeId, executionId)
    if (!state.started) recorder.record({ type: 'ExecutionStarted', data: started })
    return this.#run({ context, graph, recorder, requested, started, recovered: recorded, ...(onAnswer && { onAnswer }) })
  }

  /** Whoever had it last goes on with it for as long as it lives; then it is its owner's. */
  #isOthers(executionId: string, { worker, status }: RecordedExecution['state'], isGiven: boolean): boolean {
    if (worker === this.#parts.worker) return false
    const isHeld = worker !== undefined && this.#peers.isAlive(worker)
    return isGiven ? isHeld && status === 'running' : isHeld || !this.#peers.owns(executionId)
  }

  /** What it holds, it holds for them. */
  #leaveToOthers(executionId: string): undefined {
    this.#running.delete(executionId)
    this.#parked.tell(executionId, { kind: 'stopped' })
  }

  /** What was said of it meanwhile is heard by whoever has it next. */
  #letGo(executionId: string): undefined {
    this.#running.delete(executionId)
    if (this.#told.delete(executionId)) void this.#adopt(executionId)
  }

  /** Its time has come. Whoever has it may be about to find that it is not theirs to begin. */
  #due(executionId: string): void {
    if (this.#running.has(executionId)) this.#told.add(executionId)
    else this.#hand({ executionId, kind: 'goOn' })
  }

  #hear(executionId: string): void {
    const runner = this.#running.get(executionId)?.runner
    if (runner) void this.#refresh(runner, executionId)
    else if (this.#running.has(executionId)) this.#told.add(executionId)
    else if (!this.#resuming.has(executionId)) this.#hand({ executionId, kind: 'goOn' })
  }

  /** A run whose lease is lost hears it elsewhere, and one that cannot read will at its next append. */
  async #refresh(runner: Runner, executionId: string): Promise<void> {
    try {
      await runner.refresh()
    } catch (error) {
      if (!isWeConnectError(error, 'LEASE_LOST') && !this.#closing.signal.aborted) this.#onError(error, executionId)
    }
  }

  #cancelled(executionId: string): void {
    this.#timers.clear(executionId)
    const running = this.#running.get(executionId)
    if (running) running.runner.stop('cancelled')
    else if (this.#running.has(executionId)) this.#told.add(executionId)
    else void this.#adopt(executionId)
  }
}
