import type { JsonObject } from '@weconnect/contracts/json'
import type { SignatureRules } from '../../sdk/node.ts'
import { asObject, asText } from '../per-item.ts'

const algorithms = ['sha256', 'sha512', 'sha384', 'sha1'] as const
const encodings = ['hex', 'base64', 'base64url'] as const

/** What the providers' own pages say of how they sign. */
const schemes: Readonly<Record<string, Omit<SignatureRules, 'toleranceSeconds'>>> = {
  github: { header: 'x-hub-signature-256', algorithm: 'sha256', encoding: 'hex', prefix: 'sha256=', content: '{body}', form: 'whole' },
  stripe: { header: 'stripe-signature', algorithm: 'sha256', encoding: 'hex', prefix: 'v1=', content: '{timestamp}.{body}', form: 'pairs' },
  slack: {
    header: 'x-slack-signature',
    algorithm: 'sha256',
    encoding: 'hex',
    prefix: 'v0=',
    content: 'v0:{timestamp}:{body}',
    timestampHeader: 'x-slack-request-timestamp',
    form: 'whole',
  },
  standardWebhooks: {
    header: 'webhook-signature',
    algorithm: 'sha256',
    encoding: 'base64',
    prefix: 'v1,',
    content: '{header.webhook-id}.{timestamp}.{body}',
    timestampHeader: 'webhook-timestamp',
    form: 'list',
    secretForm: 'whsec',
  },
}
export const signatureSchemes: readonly string[] = [...Object.keys(schemes), 'generic']

const genericRules = (values: JsonObject): Omit<SignatureRules, 'toleranceSeconds'> => {
  const timestampHeader = asText(values['timestampHeader']).trim().toLowerCase()
  return {
    header: asText(values['header'], 'x-signature').trim().toLowerCase(),
    algorithm: algorithms.find((one) => one === values['algorithm']) ?? 'sha256',
    encoding: encodings.find((one) => one === values['encoding']) ?? 'hex',
    prefix: asText(values['prefix']),
    content: asText(values['content'], '{body}'),
    ...(timestampHeader !== '' && { timestampHeader }),
    form: 'whole',
  }
}

/** How a call has to be signed, from the parameters of the node. */
export const signatureOf = (parameters: JsonObject): SignatureRules => {
  const values = asObject(parameters['signature'])
  const rules = schemes[asText(parameters['signatureScheme'], 'github')] ?? genericRules(values)
  return { ...rules, toleranceSeconds: Number(values['toleranceSeconds'] ?? 300) }
}
