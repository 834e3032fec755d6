import { parseEgressAllow } from '@weconnect/http/address-guard'
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
    consumeGroup: async (...asked) => (await import('@weconnect/kafka/group-consumer')).openGroupConsumer({ allow })(...asked),
    readMailbox: async (...asked) => (await import('@weconnect/mail/imap')).openMailboxes({ allow })(...asked),
    onError: (error, triggerId) => report(error, `trigger ${triggerId}`),
  })
  await triggers.start()
  closing.add(() => triggers.close())
}
