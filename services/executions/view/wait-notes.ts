import type { Envelope } from '@weconnect/contracts/envelope'
import type { ExecutionEvent, WaitOpened } from '@weconnect/contracts/events/execution'
import { renamed } from '../decider/migrated.ts'
import type { ExecutionView, WaitView } from './face.ts'

/** Waits and pauses of an execution that people had a part in, gathered from its events. */
export class WaitNotes {
  readonly #waits = new Map<number, WaitView>()
  #paused: ExecutionView['paused']

  get list(): readonly WaitView[] {
    return [...this.#waits.values()]
  }

  get paused(): ExecutionView['paused'] {
    return this.#paused
  }

  keep(event: Envelope<ExecutionEvent>): void {
    switch (event.type) {
      case 'WaitOpened':
        this.#waits.set(event.data.step, opened(event))
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
      case 'ExecutionMigrated':
        for (const [step, wait] of this.#waits) this.#waits.set(step, renamed(wait, event.data.nodes))
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

  #end(step: number | undefined, how: Partial<WaitView>): void {
    const wait = step === undefined ? undefined : this.#waits.get(step)
    if (wait && wait.endedAt === undefined) this.#waits.set(wait.step, { ...wait, ...how })
  }
}

const opened = ({ data, time }: Envelope<WaitOpened>): WaitView => {
  const { title, waitFor, ...wait } = data
  return { ...wait, waitFor: waitFor as WaitView['waitFor'], ...(typeof title === 'string' && { title }), openedAt: time }
}
