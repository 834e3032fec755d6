import { WeConnectError } from '@weconnect/contracts/errors'
import type { StoreSettings } from '@weconnect/projections/stores'

/** @throws WeConnectError CONFIG_INVALID naming the variable */
export const storeSettings = (env: NodeJS.ProcessEnv): StoreSettings => ({
  meili: env['MEILI_URL'] ? { url: env['MEILI_URL'], apiKey: env['MEILI_API_KEY'] || undefined } : undefined,
  mongo: env['MONGODB_URL'] ? { url: env['MONGODB_URL'], retentionDays: days(env, 'MONGODB_RETENTION_DAYS') } : undefined,
})

const days = (env: NodeJS.ProcessEnv, name: string): number | undefined => {
  if (!env[name]) return undefined
  const value = Number(env[name])
  if (Number.isInteger(value) && value >= 1 && value <= 24_000) return value
  throw new WeConnectError('CONFIG_INVALID', `${name} must be a whole number of days, not "${env[name]}"`)
}
