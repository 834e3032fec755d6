import type { JsonValue } from '@weconnect/contracts/json'
import type { Engine } from '@weconnect/executions/engine'
import type { RunEnd } from '@weconnect/executions/runner'

/** Milliseconds a repeated delivery waits for the end of the first one. */
const patienceMs = 60_000

/** How an execution that exists already ended, and what its Respond to Webhook node said: from the log. */
export const endOfRecorded = async (
  engine: Engine,
  executionId: string,
): Promise<{ readonly response: JsonValue | undefined; readonly end: RunEnd }> => {
  const recorded = await engine.endOf(executionId, AbortSignal.timeout(patienceMs))
  const { status, error, errorCode } = recorded.state
  if (status === 'completed') return { response: recorded.response, end: { kind: 'completed', outputs: await engine.outputsOf(recorded) } }
  if (status === 'failed')
    return { response: recorded.response, end: { kind: 'failed', code: errorCode ?? 'EXECUTION_FAILED', error: error ?? null } }
  return { response: recorded.response, end: { kind: status === 'cancelled' || status === 'timeout' ? status : 'paused' } }
}
