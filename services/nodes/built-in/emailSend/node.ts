import type { Item } from '@weconnect/contracts/items'
import type { JsonObject, JsonValue } from '@weconnect/contracts/json'
import type { MailMessage } from '@weconnect/contracts/mail'
import type { NodeContext, NodeType } from '../../sdk/node.ts'
import { binaryIn, bytesIn } from '../binary-data.ts'
import { eachItem } from '../each-item.ts'
import { asNames, asObject, asText, nodeFailure, unsupported } from '../per-item.ts'
import { definition } from './definition.ts'

type Read = (name: string) => JsonValue | undefined

const filled = <Name extends string>(name: Name, value: JsonValue | undefined): { readonly [key in Name]?: string } =>
  asText(value) === '' ? {} : ({ [name]: asText(value) } as { [key in Name]: string })

const attachmentsOf = (
  context: NodeContext,
  item: Item,
  names: JsonValue | undefined,
  index: number,
): Promise<MailMessage['attachments']> =>
  Promise.all(
    asNames(names).map(async (name) => {
      const { fileName, mimeType } = binaryIn(item, name, index)
      return { fileName: fileName ?? name, mimeType, base64: (await bytesIn(context, item, name, index)).toString('base64') }
    }),
  )

/** Texts by the format; version 1 sends whatever was typed. */
const contentOf = (read: Read, version: number): Pick<MailMessage, 'text' | 'html'> => {
  const format = version < 2 ? 'both' : asText(read('emailFormat'), 'html')
  return {
    ...(format === 'html' ? {} : filled('text', read('text'))),
    ...(format === 'text' ? {} : filled('html', read('html'))),
  }
}

const messageOf = async (context: NodeContext, item: Item, read: Read, index: number): Promise<MailMessage> => {
  const options = asObject(read('options'))
  const { typeVersion } = context.node
  const of = (name: string): JsonValue | undefined => (typeVersion < 2 ? read(name) : options[name])
  const [from, to] = [asText(read('fromEmail')), asText(read('toEmail'))]
  if (to === '') throw nodeFailure(context, 'Name somebody to send it to', 'toEmail', index)
  return {
    from,
    to,
    subject: asText(read('subject')),
    ...contentOf(read, typeVersion),
    ...filled('cc', of('ccEmail')),
    ...filled('bcc', of('bccEmail')),
    ...filled('replyTo', options['replyTo']),
    attachments: await attachmentsOf(context, item, of('attachments'), index),
    ...(options['allowUnauthorizedCerts'] === true ? { allowUnauthorizedCerts: true } : {}),
  }
}

const names = [...new Set(definition.properties.map(({ name }) => name))]

/** Sends a message for each item. */
export const emailSend: NodeType = {
  definition,
  execute: async (context) => [
    await eachItem(context, names, async (item, index, columns) => {
      const read: Read = (name) => columns(name, index)
      if (asText(read('operation'), 'send') !== 'send') throw unsupported(context, 'Waiting for an answer to a mail', 'operation')
      const answer = await context.mail('smtp', await messageOf(context, item, read, index))
      return { json: answer as unknown as JsonObject, pairedItem: { item: index } }
    }),
  ],
  validate: ({ operation }) =>
    operation === 'sendAndWait' ? [{ parameter: 'operation', message: 'Waiting for an answer to a mail is not supported yet' }] : [],
}
