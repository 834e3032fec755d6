import type { Context, WriteToken } from '@weconnect/contracts/envelope'
import { isWeConnectError, WeConnectError } from '@weconnect/contracts/errors'
import type { Outputs } from '@weconnect/contracts/items'
import type { JsonValue } from '@weconnect/contracts/json'
import { decide } from '../decider/decide.ts'
import { hasEnded } from '../decider/state.ts'
import type { StreamJournal } from '../parts.ts'
import { executionStream, readExecution } from './recorded.ts'

const mostTries = 20

/** An execution that waits for a call. */
export interface WaitForCall {
  readonly organisationId: string
  readonly workflowId: string
  readonly workflowRevision: number
  readonly nodeId: string
}

/** Undefined when it does not wait for a call, or not any more. */
export const waitForCallOf = async (journal: StreamJournal, executionId: string): Promise<WaitForCall | undefined> => {
  const { state, context } = await readExecution(journal, executionId)
  const step = state.steps.find((each) => each?.status === 'waiting' && each.waitFor === 'webhook')
  if (!step || !state.requested || hasEnded(state.status)) return undefined
  const { workflowId, workflowRevision } = state.requested
  return { organisationId: context.organisationId, workflowId, workflowRevision, nodeId: step.nodeId }
}

/**
 * Ends the wait of an execution that waits for a call; whoever has an engine goes on with it. Durable when it resolves, and done once: of two that come at
 * the same time one is told that nothing waits.
 * @throws WeConnectError NOT_FOUND, INVALID_STATE when it waits for no call
 */
export const resumeExecution = async (
  journal: StreamJournal,
  executionId: string,
  input: Outputs,
  context: Pick<Context, 'actor' | 'organisationId'>,
): Promise<WriteToken> => {
  for (let attempt = 1; ; attempt += 1) {
    const { state, head, context: own } = await readExecution(journal, executionId)
    if (state.status === 'absent' || own.organisationId !== context.organisationId)
      throw new WeConnectError('NOT_FOUND', `There is no execution ${executionId}`)
    const events = decide({ type: 'ResumeExecution', input: input as unknown as JsonValue }, state)
    try {
      return (await journal.append(executionStream(executionId), head, events, { ...own, actor: context.actor })).token
    } catch (error) {
      if (!isWeConnectError(error, 'REVISION_CONFLICT') || attempt >= mostTries) throw error
    }
  }
}
