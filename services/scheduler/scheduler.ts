import type { Context } from '@weconnect/contracts/envelope'
import { isWeConnectError } from '@weconnect/contracts/errors'
import { familyOf, idOf } from '@weconnect/contracts/ids'
import type { Folded } from '@weconnect/eventstore/command-handler'
import type { EventStore } from '@weconnect/eventstore/port'
import { isEnding } from '@weconnect/executions/open-work'
import type { Clock, Timer } from '@weconnect/executions/parts'
import type { Runs } from '@weconnect/executions/runs'
import { Agenda } from './agenda.ts'
import { type BeginParts, beginFired } from './begin.ts'
import { nextDue } from './due.ts'
import type { Schedules } from './face.ts'
import { scheduleStream } from './ids.ts'
import type { ScheduleRegistrar } from './registrar.ts'
import { openSchedules } from './schedules.ts'
import type { Schedule, Spec } from './state.ts'

/** Milliseconds until a schedule that could not be looked at (a full disk) is looked at again; doubled each time up to the longest. */
const retryAfterMs = 1000
const longestRetryMs = 60_000
/** Milliseconds that another process has for beginning what it fired. */
const othersMs = 2000
/** Milliseconds for which an activation may be under way: the schedule is of one version, the workflow still says another. */
const activationMs = 5000
/** What others append that may make something due. */
const lookedAt = new Set(['ScheduleRegistered', 'ScheduleReleased', 'ScheduleResumed', 'ScheduleBackfillRequested'])
/** Behind the id of a schedule: the entry of the agenda for what others fired. */
const others = '/others'

export interface SchedulerOptions extends BeginParts {
  readonly registrar: ScheduleRegistrar
  readonly store: EventStore
  readonly engine: Pick<Runs, 'execute' | 'endOf'>
  readonly clock: Clock
  readonly timer: Timer
  /** Told of what went wrong in the background. */
  readonly onError: (error: unknown, scheduleId: string) => void
}

/**
 * Fires schedules. Any number of these may run on one log: who appends the tick at the expected revision has fired it, and the id of the execution
 * follows from the tick. What is held in memory is a copy: a start fills it from the log.
 */
export class Scheduler {
  readonly schedules: Schedules
  readonly #options: SchedulerOptions
  readonly #agenda: Agenda
  /** Revision up to which the executions of a schedule are known to have been asked for. */
  readonly #begun = new Map<string, number>()
  readonly #looking = new Map<string, { again: boolean; readonly done: Promise<void> }>()
  readonly #watched = new Map<string, string>()
  readonly #heldSince = new Map<string, number>()
  readonly #failures = new Map<string, number>()
  readonly #closing = new AbortController()
  #following: Promise<void> = Promise.resolve()

  constructor(options: SchedulerOptions) {
    this.#options = options
    this.schedules = openSchedules({ ...options, changed: (scheduleId) => this.#look(scheduleId) })
    this.#agenda = new Agenda(options.clock, options.timer, (key) => this.#look(key.replace(others, '')))
  }

  /** Takes up every live schedule, and follows the log. */
  async start(): Promise<void> {
    const { store, registrar } = this.#options
    this.#following = this.#follow()
    for (const { stream } of await store.openWork()) {
      if (familyOf(stream) !== 'schedule') continue
      const { state } = await registrar.handle.load(stream)
      registrar.note(idOf(stream), state)
      this.#look(idOf(stream))
    }
  }

  async close(): Promise<void> {
    this.#closing.abort()
    this.#agenda.close()
    await this.settled()
    await this.#following
  }

  /** Waits until nothing is being looked at. */
  async settled(): Promise<void> {
    while (this.#looking.size > 0) await Promise.all([...this.#looking.values()].map(({ done }) => done))
  }

  /** One look at a time; what comes meanwhile is looked at afterwards. */
  #look(scheduleId: string): void {
    if (this.#closing.signal.aborted) return
    const looking = this.#looking.get(scheduleId)
    if (looking) {
      looking.again = true
      return
    }
    const done = this.#lookOnce(scheduleId)
      .then(() => void this.#failures.delete(scheduleId))
      .catch((error: unknown) => {
        const failures = this.#failures.get(scheduleId) ?? 0
        this.#failures.set(scheduleId, failures + 1)
        this.#options.onError(error, scheduleId)
        this.#agenda.set(scheduleId, this.#options.clock.now() + Math.min(longestRetryMs, retryAfterMs * 2 ** failures))
      })
      .then(() => {
        const again = this.#looking.get(scheduleId)?.again
        this.#looking.delete(scheduleId)
        if (again) this.#look(scheduleId)
      })
    this.#looking.set(scheduleId, { again: false, done })
  }

  /** Begins what was fired, fires what is due, and notes when to look again. */
  async #lookOnce(scheduleId: string): Promise<void> {
    const { registrar, clock } = this.#options
    let folded = await registrar.handle.load(scheduleStream(scheduleId))
    for (;;) {
      await this.#begin(scheduleId, folded.state)
      registrar.note(scheduleId, folded.state)
      if (this.#closing.signal.aborted || !this.#hasToFire(folded.state)) break
      const next = await this.#fire(scheduleId, folded)
      if (!next) return
      folded = next
    }
    const due = nextDue(folded.state)
    if (due === undefined) this.#agenda.delete(scheduleId)
    else this.#agenda.set(scheduleId, Math.max(due, clock.now()))
  }

  #hasToFire(state: Schedule): boolean {
    const due = nextDue(state)
    const waits = state.backfills.length > 0 || (state.queue.length > 0 && !state.paused)
    return state.phase === 'live' && (waits || (due !== undefined && due <= this.#options.clock.now()))
  }

  async #begin(scheduleId: string, state: Schedule): Promise<void> {
    const { revision } = state.firedAt
    if (revision <= (this.#begun.get(scheduleId) ?? -1)) return
    await beginFired(this.#options, state)
    this.#begun.set(scheduleId, revision)
    this.#agenda.delete(`${scheduleId}${others}`)
  }

  /** @returns the schedule afterwards; undefined when it has to wait for something else than a time of its own */
  async #fire(scheduleId: string, { state: before, head }: Folded<Schedule>): Promise<Folded<Schedule> | undefined> {
    const { registrar, workflows, clock } = this.#options
    const spec = before.spec as Spec
    const { workflow } = await workflows.load(spec.workflowId, spec.organisationId)
    if (workflow.activeVersion !== spec.version) return this.#hold(scheduleId, spec, workflow.activeVersion)
    this.#heldSince.delete(scheduleId)
    const endedExecutionId = await this.#endedOf(before)
    const command = { type: 'FireDueTicks', scheduleId, now: clock.now(), activeVersion: workflow.activeVersion, endedExecutionId } as const
    // Only on top of what has been begun: what another fires meanwhile, and may not live to begin, must not be covered by an append of ours.
    const handled = await registrar.handle(command, contextOf(spec), { expectedRevision: head.revision }).catch((error: unknown) => {
      if (!isWeConnectError(error, 'STALE_EXPECTED_VERSION')) throw error
    })
    if (!handled) return registrar.handle.load(scheduleStream(scheduleId))
    if (handled.events.length > 0) return handled
    this.#watch(scheduleId, before)
    const due = nextDue(before)
    if (due !== undefined) this.#agenda.set(scheduleId, Math.max(due, clock.now() + 1))
    return undefined
  }

  /** The run before, when it has ended; asked only where that matters. */
  async #endedOf({ spec, last, backfills, queue }: Schedule): Promise<string | undefined> {
    if (!last || (spec?.overlap === 'allow' && backfills.length + queue.length === 0)) return undefined
    let type: string | undefined
    for await (const event of this.#options.store.read(`execution-${last.executionId}`, { direction: 'backwards', limit: 1 }))
      type = event.type
    // It was asked for before this: a stream that is not there any more was removed after its end.
    return type === undefined || isEnding(type) ? last.executionId : undefined
  }

  /** Looks again when the run has ended for which something waits. */
  #watch(scheduleId: string, { last, queue, backfills }: Schedule): void {
    if (!last || queue.length + backfills.length === 0 || this.#watched.get(scheduleId) === last.executionId) return
    this.#watched.set(scheduleId, last.executionId)
    const looked = this.#options.engine.endOf(last.executionId, this.#closing.signal).then(
      () => this.#look(scheduleId),
      (error: unknown) => this.#options.onError(error, scheduleId),
    )
    void looked.then(() => {
      if (this.#watched.get(scheduleId) === last.executionId) this.#watched.delete(scheduleId)
    })
  }

  /** An activation is under way, or was cut off: then the schedule is put back to what the workflow says is live. */
  async #hold(scheduleId: string, spec: Spec, activeVersion: number): Promise<undefined> {
    const now = this.#options.clock.now()
    const since = this.#heldSince.get(scheduleId) ?? now
    this.#heldSince.set(scheduleId, since)
    if (now - since < activationMs) return void this.#agenda.set(scheduleId, now + retryAfterMs)
    this.#heldSince.delete(scheduleId)
    await this.#reconcile(spec, activeVersion)
    this.#agenda.set(scheduleId, now + retryAfterMs)
  }

  async #reconcile(spec: Spec, activeVersion: number): Promise<void> {
    const { registrar, workflows } = this.#options
    const { workflowId, organisationId } = spec
    const { workflow } = await workflows.load(workflowId, organisationId)
    const revision = workflow.versions.get(activeVersion)?.revision
    const context = contextOf(spec)
    if (revision !== undefined)
      await registrar.register(workflowId, activeVersion, await workflows.contentAt(workflowId, revision), context)
    await registrar.release(workflowId, activeVersion || undefined, context)
  }

  /** What others append: registrations, and ticks that they fired and may not live to begin. Types are enough; nothing is opened. */
  async #follow(): Promise<void> {
    const { store, clock } = this.#options
    try {
      for await (const events of store.subscribe({ after: 'end', families: ['schedule', 'workflow'], signal: this.#closing.signal })) {
        for (const { stream, type, revision } of events) {
          if (familyOf(stream) === 'workflow') this.#workflowChanged(idOf(stream), type)
          else if (type === 'ScheduleFired') this.#begunByOthers(idOf(stream), revision, clock.now() + othersMs)
          else if (lookedAt.has(type)) this.#look(idOf(stream))
        }
      }
    } catch (error) {
      if (!this.#closing.signal.aborted) this.#options.onError(error, '')
    }
  }

  #begunByOthers(scheduleId: string, revision: number, until: number): void {
    if (revision > (this.#begun.get(scheduleId) ?? -1)) this.#agenda.set(`${scheduleId}${others}`, until)
  }

  #workflowChanged(workflowId: string, type: string): void {
    if (type !== 'WorkflowActivated') return
    for (const [scheduleId, schedule] of this.#options.registrar.live) if (schedule.workflowId === workflowId) this.#look(scheduleId)
  }
}

const contextOf = ({ scheduleId, organisationId }: Spec): Context => ({
  actor: `schedule:${scheduleId}`,
  organisationId,
  correlationId: scheduleId,
  causationId: scheduleId,
})
