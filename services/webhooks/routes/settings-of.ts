import type { JsonObject } from '@weconnect/contracts/json'
import type { WebhookDescription } from '@weconnect/nodes/sdk/node'

/** What a webhook asks and answers, for people who look at it. Nothing of it decides anything: that is read from the workflow's version. */
export const settingsOf = ({ authentication, signature, guards, ...answer }: WebhookDescription): JsonObject => {
  const { rate, callerRate, schema, addresses, ignoreBots, deduplication } = guards ?? {}
  const asked = present({ schema, addresses, ignoreBots, deduplication })
  const rates = present({ webhook: rate, caller: callerRate })
  const { responseMode: mode, responseCode: code, responseData: data, allowedOrigins } = answer
  return present({
    authentication: authentication && present({ kind: authentication, signature }),
    rateLimiting: Object.keys(rates).length === 0 ? undefined : rates,
    requestValidation: Object.keys(asked).length === 0 ? undefined : asked,
    responseConfig: present({ mode, code, data, allowedOrigins }),
  })
}

const present = (values: object): JsonObject =>
  Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as JsonObject
