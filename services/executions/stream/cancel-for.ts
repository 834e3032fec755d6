import type { Context } from '@weconnect/contracts/envelope'
import { isWeConnectError } from '@weconnect/contracts/errors'
import { decide } from '../decider/decide.ts'
import { hasEnded } from '../decider/state.ts'
import type { StreamJournal } from '../parts.ts'
import { executionStream, readExecution } from './recorded.ts'

/** An execution makes way for another of the same singleton; done already = nothing to do. @returns false when it is not in the log */
export const cancelFor = async (journal: StreamJournal, executionId: string, by: string): Promise<boolean> => {
  for (;;) {
    const { state, head, context } = await readExecution(journal, executionId)
    if (state.status === 'absent') return false
    // What its steps did is being undone: it ends by itself.
    if (hasEnded(state.status) || state.compensation) return true
    const events = decide({ type: 'RequestCancellation', reason: `Execution ${by} of the same singleton takes its place` }, state)
    if (events.length === 0) return true
    const own: Context = { ...context, actor: `engine:${by}`, causationId: by }
    try {
      await journal.append(executionStream(executionId), head, events, own)
      return true
    } catch (error) {
      if (!isWeConnectError(error, 'REVISION_CONFLICT')) throw error
    }
  }
}
