import type { WriteToken } from '@weconnect/contracts/envelope'
import { WeConnectError } from '@weconnect/contracts/errors'
import type { NodeResponse } from '@weconnect/nodes/sdk/node'
import type { RunEnd } from '../decider/run-end.ts'

/** What is on disk: the request, or, where a workflow gathers, the arrival, which becomes part of the execution `within`. */
export type Accepted = WriteToken & { readonly within?: string }

export interface Execution {
  /** The request is on disk; rejects when it could not be written, REVISION_CONFLICT when this execution id exists. */
  readonly accepted: Promise<Accepted>
  /** The answer of a Respond to Webhook node, durable; undefined when the run ended without one. */
  readonly answered: Promise<NodeResponse | undefined>
  readonly ended: Promise<RunEnd>
}

/** An execution of this id is under way here. */
export const refused = (executionId: string): Execution => {
  const error = Promise.reject(new WeConnectError('REVISION_CONFLICT', `The execution ${executionId} exists already`))
  error.catch(() => undefined)
  return { accepted: error, answered: error, ended: error }
}
