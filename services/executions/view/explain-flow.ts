import type { Window } from '@weconnect/flow/gathering-state'
import type { SlotWait } from '@weconnect/flow/slot-parts'
import { hasEnded } from '../decider/state.ts'
import { isoTime } from '../iso-time.ts'
import type { Runs } from '../requests/runs.ts'
import type { RecordedExecution } from '../stream/recorded.ts'
import type { Explanation } from './face.ts'

/** Most holders that are named in the message. */
const mostNamed = 5

/** What an execution waits for that its workflow declares; undefined when it is something else. */
export const explainFlow = async (
  engine: Pick<Runs, 'slotWait'>,
  { state }: RecordedExecution,
  executionId: string,
): Promise<Explanation | undefined> => {
  if (hasEnded(state.status) || state.cancellationRequested || state.pausedByHand) return undefined
  const wait = await engine.slotWait(executionId, state.requested?.flow)
  if (!wait) return undefined
  const { heldBy, ahead, until } = wait
  return {
    executionId,
    status: state.status as Explanation['status'],
    ...(until === undefined
      ? { kind: 'waitingForSlot', message: heldMessage(wait), heldBy }
      : { kind: 'throttled', message: throttledMessage(wait, until), until: isoTime(until) }),
    ahead,
    ...(state.worker !== undefined && { worker: state.worker }),
  }
}

const heldMessage = (wait: SlotWait): string => {
  const { heldBy, limit } = wait
  const named = heldBy.slice(0, mostNamed).join(', ')
  const others = heldBy.length > mostNamed ? ` and ${heldBy.length - mostNamed} others` : ''
  const held = heldBy.length === 0 ? 'nobody holds it now' : `held by ${named}${others}`
  return `It waits for a slot of ${nameOf(wait)} (${limit} at a time): ${held}${aheadOf(wait)}.`
}

const throttledMessage = (wait: SlotWait, until: number): string =>
  `It is throttled until ${isoTime(until)}: ${nameOf(wait)} begins ${wait.limit} in ${wait.demand.periodMs} ms${aheadOf(wait)}.`

const aheadOf = ({ ahead }: SlotWait): string => (ahead === 0 ? '' : `; ${ahead} wait before it`)

const owners = { workflow: 'its workflow', organisation: 'its organisation', global: 'all organisations' } as const

const nameOf = ({ demand: { kind, scope, name, key } }: SlotWait): string => {
  const what = kind === 'singleton' ? `the singleton of ${owners[scope]}` : owners[scope]
  const named = name === undefined ? '' : ` named "${name}"`
  return `${what}${named}${key === undefined ? '' : ` for the key "${key.slice(0, 100)}"`}`
}

/** Of what is put aside: it has the id of its execution already. */
export const explainWindow = ({ executionId, kind, arrivals, dueAt }: Window): Explanation => {
  const until = isoTime(dueAt)
  const came = `${arrivals} ${arrivals === 1 ? 'arrival' : 'arrivals'} so far`
  return kind === 'debounce'
    ? { executionId, status: 'pending', kind: 'debounced', message: `It is debounced until ${until}: ${came}; the newest runs.`, until }
    : {
        executionId,
        status: 'pending',
        kind: 'batched',
        message: `It gathers a batch until ${until}, or until it is full: ${came}.`,
        until,
      }
}
