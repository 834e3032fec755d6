import type { Context, Position, WriteToken } from '@weconnect/contracts/envelope'
import { isWeConnectError, WeConnectError } from '@weconnect/contracts/errors'
import { decide, type ExecutionCommand } from '../decider/decide.ts'
import type { EngineParts } from '../parts.ts'
import { executionStream, readExecution } from './recorded.ts'

const mostTries = 20

/**
 * Appends what was said; whoever runs the execution sees it in the log. Tries again when the running worker appended in between.
 * @throws WeConnectError NOT_FOUND, also when it belongs to another organisation, and what `decide` refuses
 */
export const tell = async (
  { journal, logId }: Pick<EngineParts, 'journal' | 'logId'>,
  executionId: string,
  command: ExecutionCommand,
  context: Context,
): Promise<WriteToken> => {
  for (let attempt = 0; ; attempt += 1) {
    let position: Position = ''
    const {
      state,
      head,
      context: own,
    } = await readExecution(journal, executionId, (event) => {
      position = event.position
    })
    if (state.status === 'absent' || own.organisationId !== context.organisationId)
      throw new WeConnectError('NOT_FOUND', `There is no execution ${executionId}`)
    const events = decide(command, state)
    const stream = executionStream(executionId)
    if (events.length === 0) return { log: logId, stream, revision: head.revision, position }
    try {
      return (await journal.append(stream, head, events, { ...context, correlationId: own.correlationId })).token
    } catch (error) {
      if (!isWeConnectError(error, 'REVISION_CONFLICT') || attempt >= mostTries) throw error
    }
  }
}
