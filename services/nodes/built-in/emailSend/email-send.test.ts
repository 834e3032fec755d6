import type { Item } from '@weconnect/contracts/items'
import type { JsonObject } from '@weconnect/contracts/json'
import type { MailMessage } from '@weconnect/contracts/mail'
import { runNode } from '@weconnect/testing/node-harness'
import { expect, test } from 'vitest'
import { emailSend } from './node.ts'

const answer = {
  messageId: '<1@x>',
  accepted: ['b@x.test'],
  rejected: [],
  response: '250 ok',
  envelope: { from: 'a@x.test', to: ['b@x.test'] },
}
const items: readonly Item[] = [{ json: { name: 'Bob' }, binary: { file: { data: 'YQ==', mimeType: 'text/plain', fileName: 'a.txt' } } }]
const address = { fromEmail: 'a@x.test', toEmail: 'b@x.test', subject: '=Hello {{ $json.name }}' }
const run = async (parameters: JsonObject, typeVersion: number) => {
  const sent: MailMessage[] = []
  const mail = async (_credential: string, message: MailMessage) => {
    sent.push(message)
    return answer
  }
  const { outputs } = await runNode(emailSend, { parameters: { ...address, ...parameters }, typeVersion, items, mail })
  return { sent: sent[0], json: outputs[0]?.[0]?.json }
}

test('version 1 sends both texts and what its own parameters say', async () => {
  const parameters = { text: 'plain', html: '<b>', ccEmail: 'c@x.test', attachments: 'file', options: { replyTo: 'r@x.test' } }
  const { sent, json } = await run(parameters, 1)
  expect(sent).toEqual({
    from: 'a@x.test',
    to: 'b@x.test',
    subject: 'Hello Bob',
    text: 'plain',
    html: '<b>',
    cc: 'c@x.test',
    replyTo: 'r@x.test',
    attachments: [{ fileName: 'a.txt', mimeType: 'text/plain', base64: 'YQ==' }],
  })
  expect(json).toEqual(answer)
})
test('later versions have a format and options', async () => {
  expect(
    (await run({ html: '<b>', options: { bccEmail: 'd@x.test', attachments: 'file', allowUnauthorizedCerts: true } }, 2.1)).sent,
  ).toMatchObject({
    html: '<b>',
    bcc: 'd@x.test',
    attachments: [{ fileName: 'a.txt' }],
    allowUnauthorizedCerts: true,
  })
  const plain = (await run({ emailFormat: 'text', text: 'plain', html: 'left out' }, 2.1)).sent
  expect(plain).toMatchObject({ text: 'plain' })
  expect(plain).not.toHaveProperty('html')
})
test.each([
  ['nobody to send to', { toEmail: '' }, 'somebody'],
  ['an attachment that is not there', { options: { attachments: 'other' } }, 'none was found'],
  ['waiting for an answer', { operation: 'sendAndWait' }, 'not supported yet'],
])('%s fails the node', async (_what, parameters, message) => {
  await expect(run(parameters, 2.1)).rejects.toThrow(message)
})
