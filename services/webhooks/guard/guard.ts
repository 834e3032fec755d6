import { BlockList, isIPv6 } from 'node:net'
import { type Problem, WeConnectError } from '@weconnect/contracts/errors'
import type { JsonObject, JsonValue } from '@weconnect/contracts/json'
import type { CallRate, Deduplication, WebhookDescription } from '@weconnect/nodes/sdk/node'
import { addRange } from '@weconnect/nodes/webhook-addresses'
import { compileSchema, type Misfit } from '@weconnect/nodes/webhook-schema'
import type { Delivery } from '../receive/delivery.ts'

/** What a webhook asks of its calls, ready to be asked. */
export interface Guard {
  /** @throws WeConnectError FORBIDDEN */
  checkCaller(delivery: Delivery): void
  /** @throws WeConnectError INVALID_INPUT with the place */
  checkRequest(delivery: Delivery, body: JsonValue): void
  readonly rate: CallRate | undefined
  readonly callerRate: CallRate | undefined
  readonly deduplication: Deduplication | undefined
}

/** Undefined where nothing is asked. Made once for a version of a webhook. */
export const guardOf = ({ guards, signature }: Pick<WebhookDescription, 'guards' | 'signature'>): Guard | undefined => {
  if (!guards && !signature) return undefined
  const { addresses, ignoreBots, schema, rate, callerRate, deduplication } = guards ?? {}
  const isAllowed = addresses && allowed(addresses)
  const misfits = Object.entries(schema ?? {}).map(([part, typed]) => [part, compileSchema(typed)] as const)
  return {
    rate,
    callerRate,
    deduplication,
    checkCaller: (delivery) => {
      if (isAllowed && !isAllowed(delivery.caller()))
        throw new WeConnectError('FORBIDDEN', 'Calls from this address are not allowed: it is not on the allow list of the webhook')
      if (ignoreBots && isBot(delivery.headers['user-agent'])) throw new WeConnectError('FORBIDDEN', 'This webhook does not answer bots')
    },
    checkRequest: ({ query, headers }, body) => {
      for (const [part, misfit] of misfits) refuseMisfit(part, misfit, { body, query, headers: headers as JsonObject }[part] ?? null)
    },
  }
}

const allowed = (entries: readonly string[]): ((address: string) => boolean) => {
  const list = new BlockList()
  for (const entry of entries) addRange(list, entry)
  // An IPv4 address written as IPv6 (::ffff:10.0.0.1) is the same caller, and fits the ranges of both.
  return (address) => list.check(address, isIPv6(address) ? 'ipv6' : 'ipv4')
}

const bots =
  /bot\b|bot[/;) ]|crawl|spider|slurp|preview|facebookexternalhit|embedly|whatsapp|telegram|discord|slack(?:bot|-img)|skypeuri|linkexpanding|monitor|pingdom|headless|archiver/i

/** Programs that look at addresses that they find: search engines, previews of links. */
const isBot = (userAgent: string | undefined): boolean => userAgent !== undefined && bots.test(userAgent)

const refuseMisfit = (part: string, misfit: Misfit, value: JsonValue): void => {
  const found = misfit(value)
  if (!found) return
  const path = `$.${part}${found.path}`
  const problem: Problem = { code: 'INVALID_INPUT', message: found.message, path }
  throw new WeConnectError('INVALID_INPUT', `The ${part} does not fit the schema of the webhook: ${path} ${found.message}`, {
    problems: [problem],
  })
}
