import type { Envelope } from '@weconnect/contracts/envelope'
import type { ExecutionEvent, StepCompleted, StepFailed } from '@weconnect/contracts/events/execution'
import type { ExecutionView } from '@weconnect/executions/view/face'
import type { Effect } from './provider.ts'
import { canBeUndone } from './sketches.ts'

type Ended = (StepCompleted | StepFailed)['data']

/** Holds the undoing of an execution that has ended against its promise: what was done is undone once, the last first, and only when it ended badly. */
export const undoingProblems = (executionId: string, events: readonly Envelope<ExecutionEvent>[]): string[] => {
  const problems: string[] = []
  const done: number[] = []
  const undone: number[] = []
  let isUndoing = false
  let resolved: number | undefined
  for (const event of events) {
    if (event.type === 'CompensationStarted') isUndoing = true
    if (event.type === 'IncidentResolved') resolved = event.data.step
    if (!event.type.startsWith('Step') || event.type === 'StepRetryScheduled') continue
    const {
      step,
      nodeName,
      parentStep,
      connectionType,
      outputCounts = [],
      final,
    } = event.data as Ended & Partial<StepCompleted['data'] & StepFailed['data']>
    const undoes = connectionType === 'compensation' ? parentStep : undefined
    // What came of a call in doubt is said also when the undoing has begun.
    if (isUndoing !== (undoes !== undefined) && step !== resolved)
      problems.push(`${executionId}: ${event.type} of step ${step} while ${isUndoing ? '' : 'not '}undoing`)
    if (event.type === 'StepCompleted' && undoes === undefined && canBeUndone(nodeName) && (outputCounts[0] ?? 0) > 0) done.push(step)
    if (undoes !== undefined && (event.type === 'StepCompleted' || (event.type === 'StepFailed' && final))) undone.push(undoes)
  }
  const expected = events.at(-1)?.type === 'ExecutionCompleted' ? [] : done.toReversed()
  if (String(undone) !== String(expected))
    problems.push(`${executionId}: undone are the steps ${undone.join()}, and should be ${expected.join()}`)
  return problems
}

/**
 * Of a call that can be undone the record says at the end what came of it, or that its last try failed. When it is cancelled, nobody is asked any more
 * about a call in doubt: its incident stays open, and where its receiver does not know it again there is none. What a time limit cuts off is in doubt, too.
 */
export const unknownEffects = ({ executionId, steps, status }: ExecutionView, base: string, effects: readonly Effect[]): string[] =>
  effects.flatMap(({ call, path }) => {
    const [node = '', run] = call.startsWith(`${base}/`) ? call.slice(base.length + 1).split('/') : []
    if (!canBeUndone(node)) return []
    const step = steps.find(({ nodeName, runIndex }) => nodeName === node && String(runIndex) === run)
    if (step && ['completed', 'failed', 'retrying', 'incident'].includes(step.status)) return []
    if (status === 'timeout' || (path === '/plain' && status === 'cancelled')) return []
    return [`${executionId} is ${status}, and nobody undid ${call}, whose step is ${step?.status ?? 'unknown'}`]
  })
