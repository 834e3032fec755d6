import type { RunEnd } from '@weconnect/executions/run-end'
import type { Runs } from '@weconnect/executions/runs'
import type { NodeResponse } from '@weconnect/nodes/sdk/node'
import type { After } from '../receive/receive-body.ts'
import { firstIsLost } from './answer.ts'

/** Milliseconds a repeated delivery waits for the end of the first one. */
const patienceMs = 60_000

/** How an execution that exists already ended, and what its Respond to Webhook node said: from the log. @throws WeConnectError UNAVAILABLE */
export const endOfRecorded = async (
  engine: Runs,
  executionId: string,
  after: After,
): Promise<{ readonly response: NodeResponse | undefined; readonly end: RunEnd }> => {
  const patience = new AbortController()
  const cancel = after(patienceMs, () => patience.abort())
  const { state, response, outputs } = await engine.resultOf(executionId, patience.signal).finally(cancel)
  const { status, error, errorCode } = state
  if (status === 'absent') throw firstIsLost()
  if (status === 'completed') return { response, end: { kind: 'completed', outputs } }
  if (status === 'failed') return { response, end: { kind: 'failed', code: errorCode ?? 'EXECUTION_FAILED', error: error ?? null } }
  return { response, end: { kind: status === 'cancelled' || status === 'timeout' ? status : 'paused' } }
}
