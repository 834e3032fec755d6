import type { BinaryData, Item } from '@weconnect/contracts/items'
import type { JsonObject } from '@weconnect/contracts/json'
import type { ReceivedMail } from '@weconnect/contracts/mail'
import type { NodeType } from '../../sdk/node.ts'
import { main, noPorts } from '../../sdk/ports.ts'
import { choice, collection, number, show, text, toggle } from '../../sdk/property.ts'
import { asObject, asText } from '../per-item.ts'
import { startingItems } from '../starting-items.ts'

/** Keys of an IMAP search that stand alone; those with values, and lists in lists, are refused. */
const searchKeys = [
  'ALL',
  'UNSEEN',
  'SEEN',
  'FLAGGED',
  'UNFLAGGED',
  'ANSWERED',
  'UNANSWERED',
  'RECENT',
  'NEW',
  'OLD',
  'DELETED',
  'UNDELETED',
  'DRAFT',
  'UNDRAFT',
]

const searchOf = (parameters: JsonObject): readonly unknown[] | undefined => {
  const typed = asText(asObject(parameters['options'])['customEmailConfig'], '["UNSEEN"]')
  try {
    const value: unknown = JSON.parse(typed)
    return Array.isArray(value) ? value : undefined
  } catch {
    return undefined
  }
}
const isSearch = (search: readonly unknown[] | undefined): search is readonly string[] =>
  search?.every((key) => typeof key === 'string' && searchKeys.includes(key.toUpperCase())) ?? false

const fileOf = ({ fileName, mimeType, base64 }: ReceivedMail['attachments'][number]): BinaryData => ({
  data: base64,
  mimeType,
  ...(fileName !== '' && { fileName }),
})
const attachmentsOf = ({ attachments }: ReceivedMail, prefix: string): Pick<Item, 'binary'> =>
  attachments.length === 0 ? {} : { binary: Object.fromEntries(attachments.map((file, index) => [`${prefix}${index}`, fileOf(file)])) }

const simple = (mail: ReceivedMail, parameters: JsonObject): Item => {
  const { fields, headers, text: textPlain, html: textHtml, uid } = mail
  const { from, to, cc, subject, date, ...metadata } = headers
  const shown = { from, to, cc, subject, date: date ?? asText(fields['date']) }
  const json = Object.fromEntries(
    Object.entries({ ...shown, textHtml, textPlain }).filter(([, value]) => value !== undefined && value !== ''),
  ) as JsonObject
  const withFiles = parameters['downloadAttachments'] === true
  return {
    json: { ...json, metadata, attributes: { uid } },
    ...(withFiles && attachmentsOf(mail, asText(parameters['dataPropertyAttachmentsPrefixName'], 'attachment_'))),
  }
}

const resolved = (mail: ReceivedMail, parameters: JsonObject): Item => ({
  json: { ...mail.fields, headers: mail.headers, text: mail.text, html: mail.html, attributes: { uid: mail.uid } },
  ...attachmentsOf(mail, asText(parameters['dataPropertyAttachmentsPrefixName'], 'attachment_')),
})

/** Starts a workflow with each new message of a mailbox, once: by the mailbox's UIDVALIDITY and the message's UID. */
export const emailReadImap: NodeType = {
  definition: {
    name: 'n8n-nodes-base.emailReadImap',
    displayName: 'Email Trigger (IMAP)',
    description: 'Triggers the workflow when a new email is received',
    category: 'trigger',
    versions: [1, 2, 2.1],
    properties: [
      text('Mailbox Name', 'mailbox', 'INBOX'),
      choice(
        'Action',
        'postProcessAction',
        [
          ['Mark as Read', 'read'],
          ['Nothing', 'nothing'],
        ],
        'read',
      ),
      toggle('Download Attachments', 'downloadAttachments', false, show({ format: ['simple'] })),
      choice(
        'Format',
        'format',
        [
          ['RAW', 'raw'],
          ['Resolved', 'resolved'],
          ['Simple', 'simple'],
        ],
        'simple',
      ),
      text('Property Prefix Name', 'dataPropertyAttachmentsPrefixName', 'attachment_'),
      collection('Options', 'options', [
        text('Custom Email Rules', 'customEmailConfig', '["UNSEEN"]'),
        number('Force Reconnect Every Minutes', 'forceReconnect', 60),
        toggle('Track Last Message ID', 'trackLastMessageId', true),
      ]),
    ],
    credentials: [{ name: 'imap', required: true }],
    inputs: noPorts,
    outputs: main,
    isTrigger: true,
    effects: 'pure',
  },
  execute: async (context) => [await startingItems(context, async () => ({}))],
  validate: (parameters) =>
    isSearch(searchOf(parameters))
      ? []
      : [{ parameter: 'options.customEmailConfig', message: `Email rules are a JSON list of ${searchKeys.join(', ')}` }],
  listens: (parameters) => {
    const search = searchOf(parameters)
    return {
      kind: 'mail',
      mailbox: asText(parameters['mailbox'], 'INBOX').trim() || 'INBOX',
      search: isSearch(search) ? search.map((key) => key.toUpperCase()) : ['UNSEEN'],
      markSeen: (parameters['postProcessAction'] ?? 'read') === 'read',
    }
  },
  received: (message, parameters) => {
    if (message.kind !== 'mail') return { json: {} }
    const { mail } = message
    if (parameters['format'] === 'raw') return { json: { raw: mail.source, attributes: { uid: mail.uid } } }
    return parameters['format'] === 'resolved' ? resolved(mail, parameters) : simple(mail, parameters)
  },
}
