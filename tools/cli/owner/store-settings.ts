import { parseS3Url, type S3Settings } from '@weconnect/blobs/s3-url'
import { WeConnectError } from '@weconnect/contracts/errors'
import type { StoreSettings } from '@weconnect/projections/stores'
import type { VaultSettings } from '@weconnect/secrets/vault'

/** @throws WeConnectError CONFIG_INVALID naming the variable */
export const storeSettings = (env: NodeJS.ProcessEnv): StoreSettings => ({
  influx: env['INFLUX_URL'] ? influxSettings(env, env['INFLUX_URL']) : undefined,
  meili: env['MEILI_URL'] ? { url: env['MEILI_URL'], apiKey: env['MEILI_API_KEY'] || undefined } : undefined,
  mongo: env['MONGODB_URL'] ? { url: env['MONGODB_URL'], retentionDays: days(env, 'MONGODB_RETENTION_DAYS') } : undefined,
})

/** @throws WeConnectError CONFIG_INVALID */
export const s3Settings = (env: NodeJS.ProcessEnv): S3Settings | undefined => {
  const url = env['BLOB_URL'] || undefined
  if (url === undefined) return undefined
  parseS3Url(url)
  return { url, region: env['AWS_REGION'] || undefined }
}

/** @throws WeConnectError CONFIG_INVALID naming the variable */
export const vaultSettings = (env: NodeJS.ProcessEnv): VaultSettings | undefined => {
  const address = env['VAULT_ADDR'] || undefined
  if (address === undefined) return undefined
  if (!URL.canParse(address) || !/^https?:/.test(address))
    throw new WeConnectError('CONFIG_INVALID', `VAULT_ADDR must be the http:// or https:// address of a Vault, not "${address}"`)
  const token = env['VAULT_TOKEN'] || undefined
  if (token === undefined)
    throw new WeConnectError(
      'CONFIG_INVALID',
      'VAULT_ADDR is set, but VAULT_TOKEN is not: set a token that may use the transit key, or unset VAULT_ADDR',
    )
  const [mount, keyName] = [env['VAULT_TRANSIT_MOUNT'] || 'transit', env['VAULT_TRANSIT_KEY'] || 'weconnect']
  for (const [name, value] of Object.entries({ VAULT_TRANSIT_MOUNT: mount, VAULT_TRANSIT_KEY: keyName }))
    if (!/^[\w./-]{1,200}$/.test(value))
      throw new WeConnectError('CONFIG_INVALID', `${name} may hold letters, digits, ".", "_", "-" and "/", not "${value}"`)
  return { address, token, mount, keyName, namespace: env['VAULT_NAMESPACE'] || undefined }
}

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
