import type { Envelope } from '@weconnect/contracts/envelope'
import type { ExecutionEvent, StepCompleted, StepFailed } from '@weconnect/contracts/events/execution'
import type { ExecutionView } from '@weconnect/executions/view/face'
import { type Effect, runOf } from './provider.ts'
import { canBeUndone } from './sketches.ts'

type Ended = (StepCompleted | StepFailed)['data']

/**
 * Holds the undoing of an execution that has ended against its promise: what was done is undone once, the last first, and only when it ended badly.
 * What is known to have been done only while others are undone comes next.
 */
export const undoingProblems = (executionId: string, events: readonly Envelope<ExecutionEvent>[]): string[] => {
  const problems: string[] = []
  /** Not undone yet, the last at the end. */
  const done: number[] = []
  const begun = new Set<number>()
  let isUndoing = false
  let resolved: number | undefined
  for (const event of events) {
    if (event.type === 'CompensationStarted') isUndoing = true
    if (event.type === 'IncidentResolved') resolved = event.data.step
    if (!event.type.startsWith('Step') || event.type === 'StepRetryScheduled') continue
    const { step, nodeName, parentStep, connectionType, outputCounts = [] } = event.data as Ended & Partial<StepCompleted['data']>
    const undoes = connectionType === 'compensation' ? parentStep : undefined
    // What came of a call in doubt is said also when the undoing has begun.
    if (isUndoing !== (undoes !== undefined) && step !== resolved)
      problems.push(`${executionId}: ${event.type} of step ${step} while ${isUndoing ? '' : 'not '}undoing`)
    if (event.type === 'StepCompleted' && undoes === undefined && canBeUndone(nodeName) && (outputCounts[0] ?? 0) > 0) done.push(step)
    if (undoes === undefined || begun.has(step)) continue
    begun.add(step)
    const last = done.pop()
    if (last !== undoes) problems.push(`${executionId}: undone is step ${undoes}, and should be ${last}`)
  }
  const [isWell, left] = [events.at(-1)?.type === 'ExecutionCompleted', done.join()]
  if (isWell && begun.size > 0) problems.push(`${executionId}: it completed, and steps were undone`)
  if (!isWell && left !== '') problems.push(`${executionId}: not undone are the steps ${left}`)
  return problems
}

/**
 * Of a call that can be undone the record says at the end what came of it, or that its last try failed. When it is cancelled, nobody is asked any more
 * about a call in doubt: its incident stays open, and where its receiver does not know it again there is none. What a time limit cuts off is in doubt, too.
 * @param own the execution's effects
 */
export const unknownEffects = ({ executionId, steps, status }: ExecutionView, own: readonly Effect[]): string[] =>
  own.flatMap(({ call, path }) => {
    const [node, run] = runOf(call)
    if (!canBeUndone(node)) return []
    const step = steps.find(({ nodeName, runIndex }) => nodeName === node && String(runIndex) === run)
    if (step && ['completed', 'failed', 'retrying', 'incident'].includes(step.status)) return []
    if (status === 'timeout' || (path === '/plain' && status === 'cancelled')) return []
    return [`${executionId} is ${status}, and nobody undid ${call}, whose step is ${step?.status ?? 'unknown'}`]
  })
