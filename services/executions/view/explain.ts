import type { JsonObject } from '@weconnect/contracts/json'
import type { Execution, OpenWait, Step } from '../decider/state.ts'
import type { Runs } from '../requests/runs.ts'
import type { RecordedExecution } from '../stream/recorded.ts'
import type { Explanation } from './face.ts'

/** Why an execution stands where it stands: from its stream, and from what this engine does with it. */
export const explain = ({ state }: RecordedExecution, engine: Pick<Runs, 'isRunning' | 'status'>, executionId: string): Explanation => {
  const { kind, message, until } = reasonOf(state, engine, executionId)
  const step = currentStep(state)
  return {
    executionId,
    status: state.status as Explanation['status'],
    kind,
    message,
    ...(until !== undefined && { until }),
    ...(step && { step: step.step, nodeName: step.nodeName }),
    ...(state.worker !== undefined && { worker: state.worker }),
  }
}

type Reason = Pick<Explanation, 'kind' | 'message'> & { readonly until?: string | undefined }

const reasonOf = (state: Execution, engine: Pick<Runs, 'isRunning' | 'status'>, executionId: string): Reason => {
  const step = currentStep(state)
  const isHere = engine.isRunning(executionId)
  if (state.migration)
    return {
      kind: 'migrating',
      message: `Migration ${state.migration.id} holds it until it is decided whether all of its executions move to another version: \`./weconnect migrate show ${state.migration.id}\`.`,
      until: state.migration.until,
    }
  switch (state.status) {
    case 'completed':
      return { kind: 'ended', message: `It completed at ${state.finishedAt} after ${state.steps.length} steps.` }
    case 'failed':
      return {
        kind: 'ended',
        message: `It failed at ${state.finishedAt}${at(step)}: ${errorText(state)}. \`./weconnect retry\` runs it again from there.`,
      }
    case 'cancelled':
    case 'timeout':
      return { kind: 'ended', message: `It ended at ${state.finishedAt}: ${state.status}.` }
    case 'paused':
      return pausedReason(state, isHere)
    case 'waiting':
      if (step?.wait) return waitReason(state, step.wait, at(step))
      if (state.pausedFor === 'webhook') return waitReason(state, { waitFor: 'webhook', until: state.pausedUntil }, at(step))
      if (step?.status === 'retrying')
        return {
          kind: 'retrying',
          message: `Step ${step.step} failed; try ${step.attempt} begins at ${step.dueAt}${at(step)}.`,
          until: state.pausedUntil,
        }
      return {
        kind: 'waiting',
        message: `It waits${at(step)} until ${state.pausedUntil}; it holds no worker meanwhile.`,
        until: state.pausedUntil,
      }
    case 'incident':
      return incidentReason(state.steps.find((each) => each?.status === 'incident'))
    case 'pending':
      return {
        kind: 'queued',
        message: isHere ? `It waits for a free place in the engine (${engine.status().queued} wait).` : 'No engine has taken it up yet.',
      }
    default:
      if (state.compensation)
        return {
          kind: 'compensating',
          message: `It ends as ${state.compensation.cause}; what its steps did is undone first, the last step first.`,
        }
      if (state.cancellationRequested)
        return { kind: 'cancelling', message: 'A cancellation was asked for; the running step is being stopped.' }
      if (!isHere)
        return {
          kind: 'workerLost',
          message: `It was begun by worker ${state.worker}, which is not this one; when that one is gone, another takes over.${crashed(state)}`,
        }
      if (step?.status === 'retrying')
        return {
          kind: 'retrying',
          message: `Step ${step.step} failed; try ${step.attempt} begins at ${step.dueAt}${at(step)}.`,
          until: step.dueAt,
        }
      return { kind: 'running', message: step ? `Step ${step.step}${at(step)} runs since ${step.startedAt}.` : 'It runs.' }
  }
}

const crashed = ({ crashes }: Execution): string =>
  crashes === 0 ? '' : ` Engines died ${crashes} times in a row while it was under way: after two it waits its turn among such executions.`

const incidentReason = (step: Step | undefined): Reason => {
  const what =
    step?.crashes === undefined
      ? `A crash left it open what${at(step)} happened`
      : `Engines died ${step.crashes} times in a row while it was${at(step)}`
  return { kind: 'incident', message: `${what}; a person decides: \`./weconnect incidents\`.` }
}

const pausedReason = ({ pausedByHand, steps }: Execution, isHere: boolean): Reason => {
  const running = steps.find((step) => step?.status === 'running')
  const why = pausedByHand?.reason === undefined ? '' : ` ("${pausedByHand.reason}")`
  const still = isHere && running ? ` The step that had begun${at(running)} may end.` : ''
  return { kind: 'paused', message: `A person paused it at ${pausedByHand?.since}${why}; it goes on with \`./weconnect resume\`.${still}` }
}

type Awaited = Omit<OpenWait, 'until'> & { readonly until?: string | undefined }

const waitReason = ({ requested }: Execution, { waitFor, name, title, roles, until }: Awaited, where: string): Reason => {
  const limit = until === undefined ? '' : `, at most until ${until}`
  if (waitFor === 'webhook') return { kind: 'waiting', message: `It waits${where} for a call of its address${limit}.`, until }
  const id = requested?.executionId ?? 'EXECUTION'
  if (waitFor === 'signal')
    return { kind: 'waiting', message: `It waits${where} for the signal "${name}"${limit}: \`./weconnect signal ${id} ${name}\`.`, until }
  const who = roles ? `one of these roles: ${roles.join(', ')}` : 'a person'
  return { kind: 'waiting', message: `It waits${where} for ${who} to decide on "${title}"${limit}: \`./weconnect approve ${id}\`.`, until }
}

/** The newest step that has not ended well. */
const currentStep = ({ steps }: Execution): Step | undefined => steps.findLast((step) => step !== undefined && step.status !== 'completed')

const at = (step: Step | undefined): string => (step ? ` at "${step.nodeName}"` : '')

const errorText = ({ error, errorCode }: Execution): string => {
  const { message } = (error ?? {}) as JsonObject
  return `${errorCode ?? 'error'}${typeof message === 'string' ? `: ${message}` : ''}`
}
