import type { Context } from '@weconnect/contracts/envelope'
import { isWeConnectError } from '@weconnect/contracts/errors'
import { decide } from '../decider/decide.ts'
import { hasEnded } from '../decider/state.ts'
import type { StreamJournal } from '../parts.ts'
import { executionStream, readExecution } from './recorded.ts'

/** An execution makes way for another of the same singleton; done already = nothing to do. */
export const cancelFor = async (journal: StreamJournal, executionId: string, by: string): Promise<void> => {
  for (;;) {
    const { state, head, context } = await readExecution(journal, executionId)
    if (state.status === 'absent' || hasEnded(state.status)) return
    const events = decide({ type: 'RequestCancellation', reason: `Execution ${by} of the same singleton takes its place` }, state)
    if (events.length === 0) return
    const own: Context = { ...context, actor: `engine:${by}`, causationId: by }
    try {
      await journal.append(executionStream(executionId), head, events, own)
      return
    } catch (error) {
      if (!isWeConnectError(error, 'REVISION_CONFLICT')) throw error
    }
  }
}
