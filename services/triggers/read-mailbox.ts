import { isJsonObject, type JsonValue } from '@weconnect/contracts/json'
import type { ReceivedMail } from '@weconnect/contracts/mail'
import type { MailListening } from '@weconnect/nodes/sdk/listening'
import { begin, checkLive, contextOf } from './begin.ts'
import { executionIdOf, triggerStream } from './ids.ts'
import { credentialOf, type Looking, type LookParts } from './looking.ts'

const seenIn = (cursor: JsonValue | undefined, uidValidity: string): number =>
  isJsonObject(cursor) && cursor['uidValidity'] === uidValidity ? Number(cursor['uid']) : 0

/** An execution for each message of a mailbox; it is marked, and the cursor moves on, when that is on disk. Resolves when `signal` aborts. */
export const readMailbox = async (parts: LookParts, { mailbox, search, markSeen }: MailListening, looking: Looking): Promise<void> => {
  const { spec, asked, signal, ready } = looking
  const settings = await credentialOf(parts, looking, 'imap')
  let { cursor } = (await parts.handle.load(triggerStream(spec.triggerId))).state

  const take = async (mail: ReceivedMail, uidValidity: string): Promise<void> => {
    await checkLive(parts, spec)
    const item = asked.type.received?.({ kind: 'mail', mail }, asked.parameters, asked.node.typeVersion) ?? { json: {} }
    const key = `${uidValidity}/${mail.uid}`
    const executionId = executionIdOf(spec.triggerId, `${spec.source} ${key}`)
    await begin(parts, spec, { executionId, version: spec.version, items: [item], deliveryId: key })
  }
  const lookedUntil = async (uid: number, uidValidity: string): Promise<void> => {
    cursor = { uidValidity, uid }
    await parts.handle({ type: 'NoteLook', triggerId: spec.triggerId, version: spec.version, items: [], cursor }, contextOf(spec))
  }
  await checkLive(parts, spec)
  const seenUntil = (uidValidity: string): number => seenIn(cursor, uidValidity)
  await parts.readMailbox({ settings, mailbox, search, markSeen }, { seenUntil, take, lookedUntil, ready }, signal)
}
