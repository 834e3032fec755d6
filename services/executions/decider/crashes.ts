import { WeConnectError } from '@weconnect/contracts/errors'
import type { ExecutionClaimed, ExecutionEvent, IncidentRaised } from '@weconnect/contracts/events/execution'
import type { Execution, Step } from './state.ts'

/** Crashes in a row from which on an execution is suspected to be their cause: of its kind one at a time is gone on with. */
export const suspectAt = 2

/** Crashes in a row between two steps, where a process is for a moment only: one that is killed for another reason is not hit there so often. */
const maxBetweenSteps = 10

/** A step that calls another workflow does nothing itself meanwhile: what it calls has a count of its own. */
const callers: ReadonlySet<string> = new Set(['n8n-nodes-base.executeWorkflow'])

/** Steps that may have killed the engine: those that it was at. */
const inHand = ({ steps }: Pick<Execution, 'steps'>): Step[] =>
  steps.filter((step) => step !== undefined && (step.status === 'running' || step.status === 'retrying'))

const onlyCalls = (steps: readonly Step[]): boolean => steps.length > 0 && steps.every(({ nodeType }) => callers.has(nodeType))

/**
 * How often in a row the engines of an execution died while they were at it, and nothing of it was done in between, when this worker claims it now. It
 * does not count that an engine lets go of it in peace, nor that the same one claims it again.
 */
export const crashesAt = (state: Pick<Execution, 'runBy' | 'crashes' | 'steps'>, worker: string): number => {
  const { runBy, crashes } = state
  if (runBy === undefined || runBy === worker || onlyCalls(inHand(state))) return crashes
  return crashes + 1
}

export interface Claim {
  readonly worker: string
  /** Crashes in a row after which it is gone on with only when a person says so. */
  readonly maxCrashes: number
}

/** @throws WeConnectError ENGINE_CRASHED when not even the step is known that its engines died at: it can never go on */
export const decideClaim = ({ worker, maxCrashes }: Claim, execution: Execution): ExecutionEvent[] => {
  const claimed: ExecutionClaimed = { type: 'ExecutionClaimed', data: { worker, epoch: execution.epoch + 1 } }
  const crashes = crashesAt(execution, worker)
  if (crashes < maxCrashes) return [claimed]
  const suspects = inHand(execution).filter(({ nodeType }) => !callers.has(nodeType))
  if (suspects.length > 0) return [claimed, ...suspects.map((step) => incidentOf(step, crashes, suspects.length > 1, execution))]
  if (crashes < maxBetweenSteps) return [claimed]
  throw new WeConnectError('ENGINE_CRASHED', `${died(crashes)} while it was at this execution, between its steps`)
}

const died = (crashes: number): string => `An engine died ${crashes} times in a row`

const incidentOf = (step: Step, crashes: number, isOneOfSeveral: boolean, { started }: Execution): IncidentRaised => {
  const { nodeId, nodeName, attempt } = step
  const others = isOneOfSeveral ? ', one of several' : ''
  const message = `${died(crashes)} while the node "${nodeName}" was under way${others}. Find out what it does to the process (its memory, most often), then retry, skip or fail it.`
  return {
    type: 'IncidentRaised',
    data: {
      step: step.step,
      nodeId,
      nodeName,
      attempt,
      crashes,
      detail: { code: 'ENGINE_CRASHED', message },
      ...(started?.executionOrder === 'parallel' && { othersGoOn: true }),
    },
  }
}
