import { BlockList, isIP } from 'node:net'
import { isWeConnectError } from '@weconnect/contracts/errors'
import type { JsonObject } from '@weconnect/contracts/json'
import { containsExpression } from '../../parameters/resolve.ts'
import type { CallRate, Deduplication, WebhookGuards } from '../../sdk/node.ts'
import { asObject, asText } from '../per-item.ts'
import { guardsOf } from './guards.ts'
import { compileSchema } from './request-schema.ts'
import { signatureOf, signatureSchemes } from './signature.ts'

type Problem = { readonly parameter: string; readonly message: string }

const ours = ['ipWhitelist', 'rateLimit', 'callerRateLimit', 'requestSchema', 'deduplication']

/** @throws TypeError when it is none */
export const addRange = (list: BlockList, entry: string): void => {
  const [address = '', bits, ...rest] = entry.split('/')
  const family = isIP(address)
  if (family === 0 || rest.length > 0 || (bits !== undefined && !/^\d{1,3}$/.test(bits))) throw new TypeError(entry)
  const type = family === 4 ? 'ipv4' : 'ipv6'
  if (bits === undefined) list.addAddress(address, type)
  else list.addSubnet(address, Number(bits), type)
}

/** An address, or a range in CIDR notation; IPv4 or IPv6. */
export const isAddressRange = (entry: string): boolean => {
  try {
    addRange(new BlockList(), entry)
    return true
  } catch {
    return false
  }
}

const rateProblems = (parameter: string, rate: CallRate | undefined): readonly Problem[] => {
  if (rate === undefined) return []
  const { calls, seconds, burst } = rate
  const isCount = (value: number) => Number.isInteger(value) && value >= 1 && value <= 1_000_000
  return [
    ...(isCount(calls) ? [] : [{ parameter: `${parameter}.values.calls`, message: 'The calls of a rate limit are a whole number from 1' }]),
    ...(isCount(burst) ? [] : [{ parameter: `${parameter}.values.burst`, message: 'The calls at once are a whole number from 0' }]),
    ...(seconds > 0 ? [] : [{ parameter: `${parameter}.values.per`, message: 'A rate limit is per second, minute, hour or day' }]),
  ]
}

const schemaProblems = (schema: WebhookGuards['schema']): readonly Problem[] =>
  Object.entries(schema ?? {}).flatMap(([part, typed]) => {
    try {
      compileSchema(typed)
      return []
    } catch (error) {
      if (!isWeConnectError(error)) throw error
      return [{ parameter: `options.requestSchema.values.${part}`, message: error.message }]
    }
  })

const mostWindowSeconds = 90 * 86_400

const deduplicationProblems = (deduplication: Deduplication | undefined): readonly Problem[] => {
  if (deduplication === undefined) return []
  const { by, header, field, windowSeconds } = deduplication
  const at = (name: string, message: string): Problem => ({ parameter: `options.deduplication.values.${name}`, message })
  return [
    ...(by === 'header' && !/^[!#$%&'*+.^_`|~0-9a-z-]+$/.test(header) ? [at('header', 'Name the header that tells deliveries apart')] : []),
    ...(by === 'field' && !/^(?:body|query|headers|params)(?:\.[^.]+)+$/.test(field)
      ? [at('field', 'Name a field of the call, such as body.id')]
      : []),
    ...(Number.isInteger(windowSeconds) && windowSeconds >= 1 && windowSeconds <= mostWindowSeconds
      ? []
      : [at('windowSeconds', 'The window is a whole number of seconds, from 1 to 90 days')]),
  ]
}

/** What is wrong with the guards of a webhook node. */
export const guardProblems = (options: JsonObject): readonly Problem[] => {
  const moving = ours.filter((name) => containsExpression(options[name]))
  if (moving.length > 0) return moving.map((name) => ({ parameter: `options.${name}`, message: 'No expression can stand here' }))
  const guards = guardsOf(options)
  const wrong = guards?.addresses?.find((entry) => !isAddressRange(entry))
  return [
    ...(wrong === undefined
      ? []
      : [{ parameter: 'options.ipWhitelist', message: `"${wrong.slice(0, 80)}" is no address and no range such as 10.0.0.0/8` }]),
    ...rateProblems('options.rateLimit', guards?.rate),
    ...rateProblems('options.callerRateLimit', guards?.callerRate),
    ...schemaProblems(guards?.schema),
    ...deduplicationProblems(guards?.deduplication),
  ]
}

/** Of the authentication `signature`. */
export const signatureProblems = (parameters: JsonObject): readonly Problem[] => {
  const scheme = asText(parameters['signatureScheme'], 'github')
  if (!signatureSchemes.includes(scheme))
    return [{ parameter: 'signatureScheme', message: `There is no signature scheme "${scheme.slice(0, 60)}"` }]
  if (containsExpression(asObject(parameters['signature']))) return [{ parameter: 'signature', message: 'No expression can stand here' }]
  const { header, content, toleranceSeconds, timestampHeader } = signatureOf(parameters)
  const needsTime = content.includes('{timestamp}') && scheme === 'generic' && timestampHeader === undefined
  return [
    ...(header === '' ? [{ parameter: 'signature.header', message: 'Name the header that holds the signature' }] : []),
    ...(content.includes('{body}') ? [] : [{ parameter: 'signature.content', message: 'What is signed holds the body: {body}' }]),
    ...(needsTime ? [{ parameter: 'signature.timestampHeader', message: 'Name the header that holds the time which is signed' }] : []),
    ...(Number.isInteger(toleranceSeconds) && toleranceSeconds >= 0
      ? []
      : [{ parameter: 'signature.toleranceSeconds', message: 'The tolerance is a whole number of seconds' }]),
  ]
}
