import type { NodeDefinition, NodeProperty } from '@weconnect/contracts/node'
import { main } from '../../sdk/ports.ts'
import { choice, collection, show, text, toggle } from '../../sdk/property.ts'

const later = { '@version': [2, 2.1] }
const send = { ...later, operation: ['send'] }

const emailFormat = (version: number, value: string): NodeProperty =>
  choice(
    'Email Format',
    'emailFormat',
    [
      ['Text', 'text'],
      ['HTML', 'html'],
      ['Both', 'both'],
    ],
    value,
    show({ '@version': [version], operation: ['send'] }),
  )

export const definition: NodeDefinition = {
  name: 'n8n-nodes-base.emailSend',
  displayName: 'Send Email',
  description: 'Sends an email using SMTP protocol',
  category: 'integration',
  color: '#00bb88',
  versions: [1, 2, 2.1],
  credentials: [{ name: 'smtp', required: true }],
  properties: [
    choice(
      'Operation',
      'operation',
      [
        ['Send', 'send'],
        ['Send and Wait for Response', 'sendAndWait'],
      ],
      'send',
      { noDataExpression: true, ...show(later) },
    ),
    text('From Email', 'fromEmail', '', { required: true }),
    text('To Email', 'toEmail', '', { required: true }),
    text('CC Email', 'ccEmail', '', show({ '@version': [1] })),
    text('BCC Email', 'bccEmail', '', show({ '@version': [1] })),
    text('Subject', 'subject'),
    emailFormat(2, 'text'),
    emailFormat(2.1, 'html'),
    text('Text', 'text', '', show({ '@version': [1] })),
    text('HTML', 'html', '', show({ '@version': [1] })),
    text('Text', 'text', '', show({ ...send, emailFormat: ['text', 'both'] })),
    text('HTML', 'html', '', show({ ...send, emailFormat: ['html', 'both'] })),
    text('Message', 'message', '', show({ ...later, operation: ['sendAndWait'] })),
    text('Attachments', 'attachments', '', show({ '@version': [1] })),
    collection('Options', 'options', [
      toggle('Append Attribution', 'appendAttribution', true, show(later)),
      text('Attachments', 'attachments', '', show(later)),
      text('CC Email', 'ccEmail', '', show(later)),
      text('BCC Email', 'bccEmail', '', show(later)),
      toggle('Ignore SSL Issues (Insecure)', 'allowUnauthorizedCerts'),
      text('Reply To', 'replyTo'),
    ]),
  ],
  inputs: main,
  outputs: main,
  effects: 'external',
  defaultTimeoutMs: 120_000,
}
