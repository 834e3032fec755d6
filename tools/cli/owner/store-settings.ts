import { WeConnectError } from '@weconnect/contracts/errors'
import type { StoreSettings } from '@weconnect/projections/stores'

/** @throws WeConnectError CONFIG_INVALID naming the variable */
export const storeSettings = (env: NodeJS.ProcessEnv): StoreSettings => ({
  influx: env['INFLUX_URL'] ? influxSettings(env, env['INFLUX_URL']) : undefined,
  meili: env['MEILI_URL'] ? { url: env['MEILI_URL'], apiKey: env['MEILI_API_KEY'] || undefined } : undefined,
  mongo: env['MONGODB_URL'] ? { url: env['MONGODB_URL'], retentionDays: days(env, 'MONGODB_RETENTION_DAYS') } : undefined,
})

const influxSettings = (env: NodeJS.ProcessEnv, url: string): NonNullable<StoreSettings['influx']> => {
  const bucket = env['INFLUX_BUCKET'] || 'weconnect'
  if (!/^[\w.-]{1,100}$/.test(bucket))
    throw new WeConnectError('CONFIG_INVALID', `INFLUX_BUCKET may hold letters, digits, ".", "_" and "-", not "${bucket}"`)
  return {
    ...{ url, bucket },
    token: env['INFLUX_TOKEN'] ?? '',
    organisation: env['INFLUX_ORG'] || 'weconnect',
    retentionDays: days(env, 'INFLUX_RETENTION_DAYS') ?? 30,
  }
}

const days = (env: NodeJS.ProcessEnv, name: string): number | undefined => {
  if (!env[name]) return undefined
  const value = Number(env[name])
  if (Number.isInteger(value) && value >= 1 && value <= 24_000) return value
  throw new WeConnectError('CONFIG_INVALID', `${name} must be a whole number of days, not "${env[name]}"`)
}
