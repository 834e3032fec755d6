import type { Engine } from '@weconnect/executions/engine'
import type { RunEnd } from '@weconnect/executions/runner'
import type { NodeResponse } from '@weconnect/nodes/sdk/node'

/** Milliseconds a repeated delivery waits for the end of the first one. */
const patienceMs = 60_000

/** How an execution that exists already ended, and what its Respond to Webhook node said: from the log. */
export const endOfRecorded = async (
  engine: Engine,
  executionId: string,
): Promise<{ readonly response: NodeResponse | undefined; readonly end: RunEnd }> => {
  const recorded = await engine.endOf(executionId, AbortSignal.timeout(patienceMs))
  const { status, error, errorCode } = recorded.state
  const response = await engine.responseOf(recorded)
  if (status === 'completed') return { response, end: { kind: 'completed', outputs: await engine.outputsOf(recorded) } }
  if (status === 'failed') return { response, end: { kind: 'failed', code: errorCode ?? 'EXECUTION_FAILED', error: error ?? null } }
  return { response, end: { kind: status === 'cancelled' || status === 'timeout' ? status : 'paused' } }
}
