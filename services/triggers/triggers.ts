import { isWeConnectError, publicError } from '@weconnect/contracts/errors'
import { familyOf, idOf } from '@weconnect/contracts/ids'
import type { EventStore } from '@weconnect/eventstore/port'
import { askedBy } from './asked.ts'
import { contextOf } from './begin.ts'
import { triggerStream } from './ids.ts'
import { lookAtTimes } from './look-at-times.ts'
import type { Looking, LookParts } from './looking.ts'
import { readMailbox } from './read-mailbox.ts'
import { readTopic } from './read-topic.ts'
import type { ListeningRegistrar } from './registrar.ts'
import type { Spec } from './state.ts'

/** Milliseconds until a trigger that could not look tries again; doubled each time up to the longest. */
const retryAfterMs = 500
const longestRetryMs = 60_000
/** Milliseconds for which an activation may be under way: the trigger is of one version, the workflow still says another. */
const activationMs = 5000

export interface TriggersOptions extends Omit<LookParts, 'handle'> {
  readonly registrar: ListeningRegistrar
  readonly store: EventStore
  /** Told of what went wrong in the background. */
  readonly onError: (error: unknown, triggerId: string) => void
}

interface Running {
  readonly spec: Spec
  readonly stop: AbortController
  readonly ended: Promise<void>
}

/**
 * Lets the triggers of active workflows look, each on its own. Any number of these may run on one log: what is found has one id, whoever finds it.
 * What is held in memory is a copy: a start fills it from the log.
 */
export class Triggers {
  readonly #options: TriggersOptions
  readonly #parts: LookParts
  readonly #running = new Map<string, Running>()
  readonly #closing = new AbortController()
  #following: Promise<void> = Promise.resolve()

  constructor(options: TriggersOptions) {
    this.#options = options
    this.#parts = { ...options, handle: options.registrar.handle }
  }

  /** Takes up every live trigger, and follows the log. */
  async start(): Promise<void> {
    const { store } = this.#options
    this.#following = this.#follow()
    for (const { stream } of await store.openWork()) if (familyOf(stream) === 'trigger') await this.#see(idOf(stream))
  }

  async close(): Promise<void> {
    this.#closing.abort()
    const running = [...this.#running.values()]
    for (const { stop } of running) stop.abort()
    await Promise.all([...running.map(({ ended }) => ended), this.#following])
  }

  async #follow(): Promise<void> {
    try {
      for await (const events of this.#options.store.subscribe({ after: 'end', families: ['trigger'], signal: this.#closing.signal }))
        for (const { stream, type } of events) if (type === 'TriggerRegistered' || type === 'TriggerReleased') await this.#see(idOf(stream))
    } catch (error) {
      if (!this.#closing.signal.aborted) this.#options.onError(error, '')
    }
  }

  /** Starts, replaces or ends what looks for a trigger, as its stream says. */
  async #see(triggerId: string): Promise<void> {
    const { registrar } = this.#options
    const { state } = await registrar.handle.load(triggerStream(triggerId))
    const running = this.#running.get(triggerId)
    const wanted = state.phase === 'live' ? state.spec : undefined
    if (running && running.spec.version === wanted?.version && running.spec.source === wanted.source) return
    running?.stop.abort()
    this.#running.delete(triggerId)
    if (wanted && !this.#closing.signal.aborted) this.#run(wanted, running?.ended)
  }

  #run(spec: Spec, before: Promise<void> = Promise.resolve()): void {
    const stop = new AbortController()
    const ended = before.then(() => this.#keepLooking(spec, stop.signal))
    this.#running.set(spec.triggerId, { spec, stop, ended })
  }

  /** Until it is stopped; never rejects. */
  async #keepLooking(spec: Spec, signal: AbortSignal): Promise<void> {
    const since = this.#options.clock.now()
    for (let failures = 0; !signal.aborted; failures += 1) {
      try {
        await this.#look(spec, signal, () => {
          failures = 0
          void this.#note(spec, { type: 'NoteRecovery' })
        })
        return
      } catch (error) {
        if (signal.aborted) return
        if (isWeConnectError(error, 'UNAVAILABLE')) await this.#putRight(spec, since)
        else await this.#failed(spec, error)
        await this.#options.timer.wait(Math.min(longestRetryMs, retryAfterMs * 2 ** Math.min(failures, 10)), signal)
      }
    }
  }

  async #look(spec: Spec, signal: AbortSignal, ready: () => void): Promise<void> {
    const { workflows, registrar } = this.#options
    const { workflow } = await workflows.load(spec.workflowId, spec.organisationId)
    const revision = workflow.versions.get(spec.version)?.revision
    if (revision === undefined) return
    const content = await workflows.contentAt(spec.workflowId, revision)
    const asked = askedBy({ ...content, workflowId: spec.workflowId }, spec.version, registrar.parts).find(
      ({ node }) => node.nodeId === spec.nodeId,
    )
    if (!asked) return
    const looking: Looking = { spec, asked, signal, ready }
    const { description } = asked
    if (description.kind === 'poll') await lookAtTimes(this.#parts, description, looking)
    else if (description.kind === 'kafka') await readTopic(this.#parts, description, looking)
    else await readMailbox(this.#parts, description, looking)
  }

  async #failed(spec: Spec, error: unknown): Promise<void> {
    const { code, message } = publicError(error)
    if (code === 'INTERNAL') this.#options.onError(error, spec.triggerId)
    await this.#note(spec, { type: 'NoteFailure', code, message })
  }

  async #note(
    spec: Spec,
    command: { readonly type: 'NoteRecovery' } | { readonly type: 'NoteFailure'; readonly code: string; readonly message: string },
  ) {
    const { triggerId } = spec
    await this.#options.registrar
      .handle({ ...command, triggerId }, contextOf(spec))
      .catch((error: unknown) => this.#options.onError(error, triggerId))
  }

  /** An activation that was cut off: the trigger is put back to what the workflow says is live. */
  async #putRight(spec: Spec, since: number): Promise<void> {
    const { clock, workflows, registrar, onError } = this.#options
    if (clock.now() - since < activationMs) return
    try {
      const { workflow } = await workflows.load(spec.workflowId, spec.organisationId)
      const { activeVersion, versions } = workflow
      const revision = versions.get(activeVersion)?.revision
      if (activeVersion === spec.version) return
      const context = contextOf(spec)
      if (revision !== undefined)
        await registrar.register(spec.workflowId, activeVersion, await workflows.contentAt(spec.workflowId, revision), context)
      await registrar.release(spec.workflowId, activeVersion || undefined, context)
    } catch (error) {
      onError(error, spec.triggerId)
    }
  }
}
