import type { Envelope } from '@weconnect/contracts/envelope'
import type { ExecutionEvent, ExecutionPaused, WaitOpened } from '@weconnect/contracts/events/execution'
import type { Step } from '../decider/state.ts'
import type { ExecutionView, WaitView } from './face.ts'

/** Whose wait it is, its step says: also on another version, where its node has another name. */
type Note = Omit<WaitView, 'nodeId' | 'nodeName'>

/** Waits and pauses of an execution that people had a part in, gathered from its events. */
export class WaitNotes {
  readonly #waits = new Map<number, Note>()
  #paused: ExecutionView['paused']

  /** @param steps of the execution, folded */
  list(steps: readonly Step[]): readonly WaitView[] {
    return [...this.#waits.values()].map((note) => {
      const { nodeId = '', nodeName = '' } = steps[note.step] ?? {}
      return { ...note, nodeId, nodeName }
    })
  }

  get paused(): ExecutionView['paused'] {
    return this.#paused
  }

  keep(event: Envelope<ExecutionEvent>): void {
    switch (event.type) {
      case 'WaitOpened':
        this.#waits.set(event.data.step, opened(event))
        break
      case 'ExecutionPaused':
        this.#put(event)
        break
      case 'SignalReceived':
      case 'ExecutionResumed':
        this.#end(event.data.step, { endedAt: event.time, endedBy: event.actor })
        break
      case 'ApprovalDecided': {
        const { step, approved, comment } = event.data
        const said = typeof comment === 'string' && { comment }
        this.#end(step, { endedAt: event.time, endedBy: event.actor, approved, ...said })
        break
      }
      case 'StepCompleted':
      case 'StepFailed':
        this.#end(event.data.step, { endedAt: event.time })
        break
      case 'ExecutionFailed':
      case 'ExecutionCancelled':
      case 'ExecutionTimedOut':
        for (const step of this.#waits.keys()) this.#end(step, { endedAt: event.time })
        break
      case 'PauseRequested': {
        const { reason } = event.data
        this.#paused = { since: event.time, by: event.actor, ...(reason !== undefined && { reason }) }
        break
      }
      case 'PauseEnded':
        this.#paused = undefined
    }
  }

  /** In n8n's orders, where an execution waits as a whole, nothing else says that it waits for a call. */
  #put({ data: { step, waitFor, until }, time }: Envelope<ExecutionPaused>): void {
    if (waitFor !== 'webhook' || this.#isOpen(step)) return
    this.#waits.set(step, { step, waitFor, openedAt: time, ...(until !== undefined && { until }) })
  }

  #isOpen(step: number): boolean {
    const wait = this.#waits.get(step)
    return wait !== undefined && wait.endedAt === undefined
  }

  #end(step: number | undefined, how: Partial<Note>): void {
    const wait = step === undefined ? undefined : this.#waits.get(step)
    if (wait && wait.endedAt === undefined) this.#waits.set(wait.step, { ...wait, ...how })
  }
}

const opened = ({ data, time }: Envelope<WaitOpened>): Note => {
  const { title, waitFor, nodeId: _, nodeName: __, ...wait } = data
  return { ...wait, waitFor: waitFor as Note['waitFor'], ...(typeof title === 'string' && { title }), openedAt: time }
}
