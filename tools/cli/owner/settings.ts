import type { S3Settings } from '@weconnect/blobs/s3-url'
import { WeConnectError } from '@weconnect/contracts/errors'
import type { KafkaSettings } from '@weconnect/kafka/connect'
import { isAddressRange } from '@weconnect/nodes/webhook-addresses'
import type { StoreSettings } from '@weconnect/projections/stores'
import type { RedisSettings } from '@weconnect/redis/connect'
import type { VaultSettings } from '@weconnect/secrets/vault'
import { s3Settings, storeSettings, vaultSettings } from './store-settings.ts'

/** Settings of one process; the environment is read once, at the start. */
export interface Settings {
  /** Empty: this process keeps nothing on disk. */
  readonly dataFolder: string
  readonly host: string
  readonly port: number
  readonly frontendUrls: readonly string[]
  /** Address by which people and callers reach this instance, when it stands behind a proxy. */
  readonly publicUrl: string | undefined
  /** Addresses and ranges of proxies whose X-Forwarded-* headers are believed; undefined = nobody's. */
  readonly trustedProxies: string | undefined
  /** MiB of files in the body of one webhook call. */
  readonly maxUploadMib: number
  readonly ownerEmail: string
  readonly ownerPassword: string | undefined
  readonly logLevel: string
  /** IANA zone of workflows that name none. */
  readonly timezone: string
  readonly concurrency: number
  /** CPU seconds a minute that the code of one organisation may use in this process; undefined = no limit. */
  readonly codeCpuSeconds: number | undefined
  /** Crashes in a row that an execution was under way in, after which a person decides. */
  readonly maxCrashes: number
  /** Share of each organisation that has another than 1 where several wait for one slot. */
  readonly fairnessWeights: ReadonlyMap<string, number>
  /** host:port or CIDR list that nodes may reach although the address is private. */
  readonly egressAllow: string
  /** Folders that nodes may read and write, `;` between them; none when empty. */
  readonly filesFolder: string
  /** esdb:// URL of an EventStoreDB or KurrentDB to use instead of the embedded log. */
  readonly eventStoreUrl: string | undefined
  /** Port on which the embedded log can be read by the EventStoreDB protocol, on the loopback address, in the clear; none when absent. */
  readonly eventStorePort: number | undefined
  /** URL of a PostgreSQL server to use instead of the embedded one. */
  readonly postgresUrl: string | undefined
  /** 32 bytes in base64, of which all keys are made, where several processes share a log; the keys are in the data folder when absent. */
  readonly masterKey: string | undefined
  /** Where the master keys come from, in place of the data folder. */
  readonly vault: VaultSettings | undefined
  /** Whether several processes share the log. */
  readonly isShared: boolean
  /** Where large payloads go, in place of the data folder or the database. */
  readonly s3: S3Settings | undefined
  /** Milliseconds that requests under way have at a stop. */
  readonly drainMs: number
  /** Milliseconds between saying that it is not ready any more and closing the door. */
  readonly lingerMs: number
  /** Where events are published; undefined = nowhere. */
  readonly kafka: KafkaSettings | undefined
  /** Topics that feed PostgreSQL's read models; undefined = the log does. */
  readonly projectionTopics: KafkaSettings | undefined
  /** Servers that keep read models in place of PostgreSQL. */
  readonly stores: StoreSettings
  /** What processes share for the moment: queues, limits, caches, sockets; undefined = each has its own. */
  readonly redis: RedisSettings | undefined
}

/** @throws WeConnectError CONFIG_INVALID naming the variable */
export const parseSettings = (
  env: NodeJS.ProcessEnv,
  { dataFolder, port, isShared = false }: { readonly dataFolder: string; readonly port: number; readonly isShared?: boolean },
): Settings => ({
  dataFolder,
  port,
  host: env['WECONNECT_HOST'] ?? '127.0.0.1',
  frontendUrls: (env['FRONTEND_URLS'] ?? '').split(',').filter((url) => url !== ''),
  publicUrl: (env['WECONNECT_PUBLIC_URL'] ?? env['WEBHOOK_URL'])?.replace(/\/+$/, ''),
  trustedProxies: trustedProxies(env['WECONNECT_TRUSTED_PROXIES']),
  maxUploadMib: positive(env, 'WECONNECT_MAX_UPLOAD_MIB', 200),
  ownerEmail: env['WECONNECT_OWNER_EMAIL'] ?? 'owner@weconnect.local',
  ownerPassword: env['WECONNECT_OWNER_PASSWORD'],
  logLevel: env['WECONNECT_LOG_LEVEL'] ?? 'warn',
  timezone: zone(env['GENERIC_TIMEZONE'] ?? env['WECONNECT_TIMEZONE'] ?? 'UTC'),
  concurrency: positive(env, 'WECONNECT_CONCURRENCY', 64),
  codeCpuSeconds: env['WECONNECT_CODE_CPU_SECONDS'] === undefined ? undefined : positive(env, 'WECONNECT_CODE_CPU_SECONDS', 60),
  maxCrashes: whole(env, 'WECONNECT_MAX_CRASHES', 5, 3),
  fairnessWeights: weights(env['WECONNECT_FAIRNESS_WEIGHTS'] ?? ''),
  egressAllow: env['WECONNECT_EGRESS_ALLOW'] ?? '',
  filesFolder: env['WECONNECT_FILES_FOLDER'] ?? '',
  eventStoreUrl: env['EVENTSTORE_URL'] || undefined,
  eventStorePort: env['WECONNECT_EVENTSTORE_PORT'] === undefined ? undefined : positive(env, 'WECONNECT_EVENTSTORE_PORT', 0),
  postgresUrl: env['POSTGRES_URL'] || undefined,
  masterKey: masterKey(env),
  vault: vaultSettings(env),
  isShared: isShared || masterKey(env) !== undefined,
  s3: s3Settings(env),
  drainMs: whole(env, 'WECONNECT_DRAIN_MS', 10_000, 0),
  lingerMs: whole(env, 'WECONNECT_LINGER_MS', 0, 0),
  kafka: kafkaSettings(env),
  projectionTopics: projectionTopics(env),
  stores: storeSettings(env),
  redis: redisSettings(env),
})

/** @throws WeConnectError CONFIG_INVALID naming the variable */
export const redisSettings = (env: NodeJS.ProcessEnv): RedisSettings | undefined => {
  const url = env['REDIS_URL'] ?? ''
  if (url === '') return undefined
  const prefix = env['REDIS_PREFIX'] || 'weconnect'
  if (!/^[\w.-]{1,100}$/.test(prefix))
    throw new WeConnectError('CONFIG_INVALID', `REDIS_PREFIX may hold letters, digits, ".", "_" and "-", not "${prefix}"`)
  return { url, prefix }
}

/** @throws WeConnectError CONFIG_INVALID naming the variable */
export const kafkaSettings = (env: NodeJS.ProcessEnv): KafkaSettings | undefined => {
  const brokers = env['KAFKA_BROKERS'] ?? ''
  const registryUrl = env['SCHEMA_REGISTRY_URL'] ?? ''
  if (brokers === '') return undefined
  if (registryUrl === '')
    throw new WeConnectError(
      'CONFIG_INVALID',
      'KAFKA_BROKERS is set, but SCHEMA_REGISTRY_URL is not: topics hold Avro, whose schemas need a registry. Set it, or unset KAFKA_BROKERS.',
    )
  const topicPrefix = env['KAFKA_TOPIC_PREFIX'] ?? ''
  if (!/^[\w.-]{0,100}$/.test(topicPrefix))
    throw new WeConnectError('CONFIG_INVALID', `KAFKA_TOPIC_PREFIX may hold letters, digits, ".", "_" and "-", not "${topicPrefix}"`)
  const replication = env['KAFKA_REPLICATION'] === undefined ? -1 : positive(env, 'KAFKA_REPLICATION', 1)
  return { brokers, registryUrl, topicPrefix, replication }
}

const trustedProxies = (text: string | undefined): string | undefined => {
  const entries = (text ?? '').split(',').flatMap((entry) => entry.trim() || [])
  for (const entry of entries) {
    if (!isAddressRange(entry))
      throw new WeConnectError('CONFIG_INVALID', `WECONNECT_TRUSTED_PROXIES holds addresses and ranges such as 10.0.0.0/8, not "${entry}"`)
  }
  return entries.length === 0 ? undefined : entries.join(',')
}

/** @throws WeConnectError CONFIG_INVALID naming the variable */
const projectionTopics = (env: NodeJS.ProcessEnv): KafkaSettings | undefined => {
  const feed = env['WECONNECT_PROJECTIONS_FEED'] || 'log'
  if (feed !== 'log' && feed !== 'topics')
    throw new WeConnectError('CONFIG_INVALID', `WECONNECT_PROJECTIONS_FEED must be log or topics, not "${feed}"`)
  const kafka = feed === 'topics' ? kafkaSettings(env) : undefined
  if (feed === 'topics' && kafka === undefined)
    throw new WeConnectError(
      'CONFIG_INVALID',
      'WECONNECT_PROJECTIONS_FEED=topics needs KAFKA_BROKERS and SCHEMA_REGISTRY_URL: set them, or unset it',
    )
  return kafka
}

/** Keys that are not in a data folder are for several processes, which have the other stores outside too. */
const masterKey = (env: NodeJS.ProcessEnv): string | undefined => {
  const key = env['WECONNECT_MASTER_KEY'] || undefined
  for (const name of key === undefined ? [] : ['EVENTSTORE_URL', 'POSTGRES_URL'])
    if (!env[name])
      throw new WeConnectError(
        'CONFIG_INVALID',
        `WECONNECT_MASTER_KEY is for processes that share a log and a database, but ${name} is not set: set it, or unset WECONNECT_MASTER_KEY`,
      )
  return key
}

const whole = (env: NodeJS.ProcessEnv, name: string, fallback: number, least: number): number => {
  const value = Number(env[name] ?? fallback)
  if (!Number.isInteger(value) || value < least)
    throw new WeConnectError('CONFIG_INVALID', `${name} must be a whole number of at least ${least}, not "${env[name]}"`)
  return value
}

const positive = (env: NodeJS.ProcessEnv, name: string, fallback: number): number => whole(env, name, fallback, 1)

const weights = (text: string): ReadonlyMap<string, number> =>
  new Map(
    text
      .split(',')
      .filter((entry) => entry.trim() !== '')
      .map((entry) => {
        const [, organisationId = '', weight = ''] = /^\s*([0-9a-f-]{36})\s*=\s*([1-9]\d{0,3})\s*$/.exec(entry) ?? []
        if (organisationId === '')
          throw new WeConnectError(
            'CONFIG_INVALID',
            `WECONNECT_FAIRNESS_WEIGHTS holds ORGANISATION=N with N from 1 to 9999, not "${entry}"`,
          )
        return [organisationId, Number(weight)]
      }),
  )

const zone = (name: string): string => {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone && name
  } catch (error) {
    throw new WeConnectError('CONFIG_INVALID', `WECONNECT_TIMEZONE must be an IANA time zone such as Europe/Berlin, not "${name}"`, {
      cause: error,
    })
  }
}
