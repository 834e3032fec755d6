import { referenceFor } from '@weconnect/connectors/authenticated-egress'
import type { Credentials } from '@weconnect/connectors/credentials'
import type { JsonObject } from '@weconnect/contracts/json'
import type { Clock, Timer } from '@weconnect/executions/parts'
import type { Egress } from '@weconnect/http/egress'
import type { openGroupConsumer } from '@weconnect/kafka/group-consumer'
import type { openMailboxes } from '@weconnect/mail/imap'
import type { Asked } from './asked.ts'
import type { BeginParts } from './begin.ts'
import type { TriggerHandler } from './handler.ts'
import type { Spec } from './state.ts'

export interface LookParts extends BeginParts {
  readonly handle: TriggerHandler
  readonly credentials: Pick<Credentials, 'resolve'>
  readonly egress: Pick<Egress, 'request'>
  readonly consumeGroup: ReturnType<typeof openGroupConsumer>
  readonly readMailbox: ReturnType<typeof openMailboxes>
  readonly clock: Pick<Clock, 'now'>
  readonly timer: Pick<Timer, 'wait'>
}

/** A trigger that looks now. */
export interface Looking {
  readonly spec: Spec
  readonly asked: Asked
  readonly signal: AbortSignal
  /** It can look: what was wrong is over. */
  ready(): void
}

export const credentialOf = async ({ credentials }: LookParts, { spec, asked }: Looking, type: string): Promise<JsonObject> => {
  const reference = referenceFor(type, { organisationId: '', credentials: asked.node.credentials })
  return (await credentials.resolve(spec.organisationId, type, reference)).data
}
