import { type ErrorCode, WeConnectError } from '@weconnect/contracts/errors'
import type { FileAnswer } from '@weconnect/contracts/files'
import type { HttpResponse } from '@weconnect/contracts/http'
import type { MailAnswer } from '@weconnect/contracts/mail'
import type { MemoryAnswer } from '@weconnect/contracts/memory'

/** One outbound call as it is recorded with the step. */
export type CallEntry = { readonly ordinal: number; readonly requestHash: string } & (
  | Answer
  | { readonly error: { readonly code: ErrorCode; readonly message: string } }
)

/** Which secrets a step worked with: with the revision a replay finds the same again. */
export interface UsedCredential {
  readonly id: string
  readonly revision: number
}

/** What a call brought. */
export type Answer =
  | { readonly response: HttpResponse }
  | { readonly file: FileAnswer }
  | { readonly credential: UsedCredential }
  | { readonly mail: MailAnswer }
  | { readonly memory: MemoryAnswer }

/** @throws WeConnectError that was recorded */
export const answerOf = (entry: CallEntry): Answer => {
  if ('error' in entry) throw new WeConnectError(entry.error.code, entry.error.message)
  return entry
}
export const responseOf = (answer: Answer): HttpResponse => {
  if ('response' in answer) return answer.response
  throw new WeConnectError('EGRESS_FAILED', 'Replay: a file was used here when this was recorded')
}
export const fileOf = (answer: Answer): FileAnswer => {
  if ('file' in answer) return answer.file
  throw new WeConnectError('FILE_FAILED', 'Replay: a request was sent here when this was recorded')
}

export const usedOf = (answer: Answer): UsedCredential => {
  if ('credential' in answer) return answer.credential
  throw new WeConnectError('NODE_FAILED', 'Replay: something else than a credential was used here when this was recorded')
}

export const mailOf = (answer: Answer): MailAnswer => {
  if ('mail' in answer) return answer.mail
  throw new WeConnectError('EGRESS_FAILED', 'Replay: something else than a mail was sent here when this was recorded')
}

export const memoryOf = (answer: Answer): MemoryAnswer => {
  if ('memory' in answer) return answer.memory
  throw new WeConnectError('NODE_FAILED', 'Replay: something else than a memory was asked here when this was recorded')
}
