import { parseEgressAllow } from '@weconnect/http/address-guard'
import { openGroupConsumer } from '@weconnect/kafka/group-consumer'
import { openMailboxes } from '@weconnect/mail/imap'
import { Triggers } from '@weconnect/triggers/triggers'
import { clock, timer } from '../owner/clock.ts'
import type { RunningExecutions } from './executions.ts'
import type { Foundation } from './foundation.ts'

/** Looks for what starts workflows: at times, in topics, in mailboxes. */
export const startTriggers = async (
  { settings, closing, listening: registrar, store, workflows, credentials, egress, report }: Foundation,
  { runs: engine }: RunningExecutions,
): Promise<void> => {
  const allow = parseEgressAllow(settings.egressAllow)
  const triggers = new Triggers({
    ...{ registrar, store, workflows, engine, credentials, egress, clock, timer },
    consumeGroup: openGroupConsumer({ allow }),
    readMailbox: openMailboxes({ allow }),
    onError: (error, triggerId) => report(error, `trigger ${triggerId}`),
  })
  await triggers.start()
  closing.add(() => triggers.close())
}
