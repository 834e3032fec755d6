import { type API, Connection, findCoordinatorV4, findErrorBy, metadataV12 } from '@platformatic/kafka'
import { brokerList } from './connect.ts'
import { patiently } from './patience.ts'

/**
 * Connections to the brokers of a cluster, one to each, made once. What was asked over a connection that is lost cannot be trusted to have been
 * heard, and the broker at its other end may have come back with less than it knew: so nothing reconnects here. Whoever uses it opens anew.
 */
export interface Cluster {
  /** Aborts with the reason when the first connection is lost. */
  readonly lost: AbortSignal
  /** Ids of the brokers. */
  readonly nodes: readonly number[]
  /** @throws errors of the client, with the broker's code: see errorCodeOf */
  ask<Arguments extends unknown[], Answer>(node: number, api: API<Arguments, Answer>, ...args: Arguments): Promise<Answer>
  /** Who leads each partition of topics. @throws when one is unknown or has no leader */
  leadersOf(topics: readonly string[]): Promise<ReadonlyMap<string, readonly number[]>>
  /** The broker that coordinates transactions of this id. */
  coordinatorOf(transactionalId: string): Promise<number>
  /** The broker that coordinates a consumer group; a new cluster has none for its first seconds. */
  groupCoordinatorOf(groupId: string): Promise<number>
  close(): Promise<void>
}

const limits = { connectTimeout: 5_000, requestTimeout: 30_000 }
/** Brokers close connections that nobody uses for ten minutes. */
const aliveMs = 60_000
const [groupCoordinator, transactionCoordinator] = [0, 1]

interface Address {
  readonly host: string
  readonly port: number
}

const connect = async ({ host, port }: Address): Promise<Connection> => {
  const connection = new Connection('weconnect', limits)
  // Whoever waits for it hears of it as well; without a listener it would end the process.
  connection.on('error', () => {})
  await connection.connect(host, port)
  return connection
}

const addressOf = (broker: string): Address => {
  const colon = broker.lastIndexOf(':')
  return { host: broker.slice(0, colon), port: Number(broker.slice(colon + 1)) }
}

/** Asks the first broker of the list that answers who the others are. */
const brokersOf = async (brokers: string): Promise<ReadonlyMap<number, Address>> => {
  let failure: unknown
  for (const broker of brokerList(brokers)) {
    try {
      const connection = await connect(addressOf(broker))
      const found = await metadataV12.api.async(connection, [], false, false).finally(() => connection.close())
      return new Map(found.brokers.map(({ nodeId, host, port }) => [nodeId, { host, port }]))
    } catch (error) {
      failure = error
    }
  }
  throw failure
}

/** @param brokers host:port, commas between them */
export const openCluster = async (brokers: string): Promise<Cluster> => {
  const addresses = await brokersOf(brokers)
  const connections = new Map<number, Promise<Connection>>()
  const lost = new AbortController()

  const connectTo = async (node: number): Promise<Connection> => {
    const address = addresses.get(node)
    if (address === undefined) throw new Error(`there is no broker ${node}`)
    const connection = await connect(address)
    connection.on('close', () => lost.abort(new Error(`the connection to broker ${node} (${address.host}:${address.port}) was lost`)))
    return connection
  }

  const connectionTo = (node: number): Promise<Connection> => {
    lost.signal.throwIfAborted()
    const connection = connections.get(node) ?? connectTo(node)
    connections.set(node, connection)
    return connection
  }

  const nodes = [...addresses.keys()]
  const ask: Cluster['ask'] = async (node, api, ...args) => {
    const connection = await connectionTo(node)
    lost.signal.throwIfAborted()
    return api.async(connection, ...args)
  }
  const anyNode = (): number => connections.keys().next().value ?? nodes[0] ?? 0

  const coordinator = (kind: number, key: string): Promise<number> =>
    patiently(async () => {
      const { coordinators } = await ask(anyNode(), findCoordinatorV4.api, kind, [key])
      return coordinators[0]?.nodeId ?? 0
    })

  const keepAlive = setInterval(() => {
    for (const node of connections.keys()) ask(node, metadataV12.api, [], false, false).catch(() => {})
  }, aliveMs).unref()

  return {
    lost: lost.signal,
    nodes,
    ask,
    leadersOf: async (topics) => {
      const found = await ask(anyNode(), metadataV12.api, [...topics], false, false)
      return new Map(found.topics.map(({ name, partitions }) => [name ?? '', leaders(name, partitions)]))
    },
    coordinatorOf: (transactionalId) => coordinator(transactionCoordinator, transactionalId),
    groupCoordinatorOf: (groupId) => coordinator(groupCoordinator, groupId),
    close: async () => {
      clearInterval(keepAlive)
      lost.abort(new Error('closed'))
      for (const connection of connections.values()) await connection.then((each) => each.close()).catch(() => {})
    },
  }
}

interface PartitionMetadata {
  readonly partitionIndex: number
  readonly leaderId: number
}

const leaders = (topic: string | null | undefined, partitions: readonly PartitionMetadata[]): readonly number[] => {
  const headless = partitions.find(({ leaderId }) => leaderId < 0)
  if (headless !== undefined) throw new Error(`partition ${headless.partitionIndex} of ${topic} has no leader`)
  return [...partitions].sort((left, right) => left.partitionIndex - right.partitionIndex).map(({ leaderId }) => leaderId)
}

/** Whether a broker answered with one of these codes, as INVALID_PRODUCER_EPOCH. */
export const hasErrorCode = (error: unknown, codes: readonly string[]): boolean =>
  error instanceof Error && (codes.some((code) => findErrorBy(error, 'apiId', code) !== null) || hasErrorCode(error.cause, codes))
