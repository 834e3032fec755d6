import { WeConnectError } from '@weconnect/contracts/errors'
import type { ExecutionEvent } from '@weconnect/contracts/events/execution'
import type { JsonValue } from '@weconnect/contracts/json'
import { atRest } from './rest.ts'
import { type Execution, hasEnded, heldBy, type Step } from './state.ts'

export interface Signal {
  readonly name: string
  readonly payload: JsonValue
  /** Makes the signal repeatable: the same id is taken once. */
  readonly signalId?: string | undefined
}

/** What a person says to a step that asked for it. */
export interface Decision {
  /** Needed only when several steps ask. */
  readonly step?: number | undefined
  readonly approved: boolean
  readonly comment?: string | undefined
  /** Role of the person. */
  readonly role: string
}

/** A signal that nobody waits for yet is kept until a step does. @throws WeConnectError INVALID_STATE, INVALID_INPUT */
export const decideSignal = ({ name, payload, signalId }: Signal, execution: Execution): ExecutionEvent[] => {
  refuseClosed(execution)
  if (name.trim() === '') throw new WeConnectError('INVALID_INPUT', 'A signal needs a name')
  if (signalId !== undefined && execution.signalIds.has(signalId)) return []
  const waiting = execution.steps.find((step) => isWaiting(step, 'signal') && step.wait?.name === name)
  const data = {
    name,
    payload,
    ...(waiting && { step: waiting.step }),
    ...(signalId !== undefined && { signalId }),
    ...heldBy(execution),
    ...atRest(execution),
  }
  return [{ type: 'SignalReceived', data }]
}

/** @throws WeConnectError INVALID_STATE when nothing is asked, INVALID_INPUT when several steps ask and none is named, FORBIDDEN for another role */
export const decideApproval = ({ step, approved, comment, role }: Decision, execution: Execution): ExecutionEvent[] => {
  refuseClosed(execution)
  const asked = askedStep(execution, step)
  const roles = asked.wait?.roles
  if (roles && !roles.includes(role))
    throw new WeConnectError('FORBIDDEN', `The role ${role} may not decide this; one of these may: ${roles.join(', ')}`)
  const said = comment !== undefined && { comment }
  return [{ type: 'ApprovalDecided', data: { step: asked.step, approved, role, ...said, ...heldBy(execution), ...atRest(execution) } }]
}

const isWaiting = (step: Step | undefined, waitFor: 'signal' | 'approval'): step is Step =>
  step?.status === 'waiting' && step.wait?.waitFor === waitFor

const askedStep = ({ steps, status }: Execution, number: number | undefined): Step => {
  const asking = steps.filter((step) => isWaiting(step, 'approval'))
  if (number !== undefined) {
    const named = asking.find(({ step }) => step === number)
    if (named) return named
    throw new WeConnectError('INVALID_STATE', `Step ${number} waits for no approval`)
  }
  const [only, ...more] = asking
  if (!only) throw new WeConnectError('INVALID_STATE', `The execution is ${status}; it waits for no approval`)
  if (more.length > 0)
    throw new WeConnectError('INVALID_INPUT', `Name the step, several wait for an approval: ${asking.map(({ step }) => step).join(', ')}`)
  return only
}

const refuseClosed = ({ status, cancellationRequested }: Execution): void => {
  if (hasEnded(status)) throw new WeConnectError('INVALID_STATE', `The execution has ended: ${status}`)
  if (cancellationRequested) throw new WeConnectError('INVALID_STATE', 'The execution is being cancelled')
}
