import type { Execution } from '@weconnect/executions/execution-handle'
import type { WebhookDescription } from '@weconnect/nodes/sdk/node'
import { type Answer, answerAtOnce, answerOfEnd, answerOfNode } from './answer.ts'
import type { FileReader } from './read-files.ts'

/** What the caller of a run gets, when its response mode says. */
export const answerOf = async (
  execution: Execution,
  description: WebhookDescription,
  executionId: string,
  withFiles: FileReader,
): Promise<Answer> => {
  if (description.responseMode === 'onReceived') {
    const { within } = await execution.accepted
    return answerAtOnce(description, within ?? executionId)
  }
  const response = description.responseMode === 'responseNode' ? await execution.answered : undefined
  return response
    ? answerOfNode(await withFiles.response(response))
    : answerOfEnd(await withFiles.end(await execution.ended, description), description, executionId)
}
