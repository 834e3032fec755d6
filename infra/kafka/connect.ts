import { Admin } from '@platformatic/kafka'
import { WeConnectError } from '@weconnect/contracts/errors'

/** Where Kafka and the registry are, as the environment says it. */
export interface KafkaSettings {
  /** host:port, commas between them. */
  readonly brokers: string
  readonly registryUrl: string
  /** In front of every topic name: for several installations on one cluster. */
  readonly topicPrefix: string
  /** Copies of each partition; -1 = as the broker is set up. */
  readonly replication: number
}

const connectLimitMs = 5_000

/** @throws WeConnectError CONFIG_INVALID when it is no list of brokers */
export const brokerList = (brokers: string): string[] => {
  const list = brokers.split(',').map((broker) => broker.trim())
  const wrong = list.find((broker) => !/^[^\s:/]+:\d{1,5}$/.test(broker))
  if (wrong === undefined) return list
  throw new WeConnectError('CONFIG_INVALID', `KAFKA_BROKERS must be host:port, with commas between several, not "${wrong}"`)
}

/** @throws WeConnectError CONFIG_INVALID when it is no list of brokers */
export const openAdmin = ({ brokers }: Pick<KafkaSettings, 'brokers'>, retries = 8): Admin =>
  new Admin({ clientId: 'weconnect', bootstrapBrokers: brokerList(brokers), connectTimeout: connectLimitMs, retries, retryDelay: 250 })

/** In one line; the client nests its errors. */
const reason = (error: unknown): string => {
  if (!(error instanceof Error)) return String(error)
  if (error instanceof AggregateError && error.errors.length > 0) return reason(error.errors[0])
  const cause = error.cause === undefined ? '' : reason(error.cause)
  return error.message.includes(cause) ? error.message : `${error.message}: ${cause}`
}

/**
 * Asks both once, before anything is written.
 * @throws WeConnectError CONFIG_INVALID or UNAVAILABLE, naming the variable, what failed and what to do
 */
export const checkEngines = async (settings: KafkaSettings): Promise<void> => {
  await checkBrokers(settings)
  await checkRegistry(settings)
}

const checkBrokers = async (settings: KafkaSettings): Promise<void> => {
  const admin = openAdmin(settings, 2)
  try {
    await admin.metadata({ topics: [] })
  } catch (error) {
    throw new WeConnectError(
      'UNAVAILABLE',
      `KAFKA_BROKERS=${settings.brokers}: no Kafka broker answers (${reason(error)}). Start it, correct the variable, or unset it: then nothing is published to topics.`,
      { cause: error },
    )
  } finally {
    await admin.close()
  }
}

const checkRegistry = async ({ registryUrl }: KafkaSettings): Promise<void> => {
  const wrong = (what: string, cause?: unknown) =>
    new WeConnectError(
      'UNAVAILABLE',
      `SCHEMA_REGISTRY_URL=${withoutPassword(registryUrl)}: ${what}. Start a schema registry with Confluent's API there, or correct the variable.`,
      { cause },
    )
  if (!URL.canParse(registryUrl))
    throw new WeConnectError('CONFIG_INVALID', `SCHEMA_REGISTRY_URL must be the URL of a schema registry, not "${registryUrl}"`)
  const answer = await fetch(`${withoutPassword(registryUrl).replace(/\/$/, '')}/subjects`, {
    headers: authorisationOf(registryUrl),
    signal: AbortSignal.timeout(connectLimitMs),
  }).catch((error: unknown) => {
    throw wrong(`nobody answers (${reason(error)})`, error)
  })
  const subjects: unknown = await answer.json().catch(() => undefined)
  if (!answer.ok || !Array.isArray(subjects)) throw wrong(`what answers (status ${answer.status}) is no schema registry`)
}

export const withoutPassword = (address: string): string => {
  const url = new URL(address)
  url.username = ''
  url.password = ''
  return url.href.replace(/\/$/, '')
}

export const authorisationOf = (address: string): Record<string, string> => {
  const { username, password } = new URL(address)
  if (username === '') return {}
  return { authorization: `Basic ${Buffer.from(`${decodeURIComponent(username)}:${decodeURIComponent(password)}`).toString('base64')}` }
}
