import kafkajs, { Kafka, logLevel } from 'kafkajs'

/** Kafka by another client than the product's: what two clients agree on is the protocol, and not a habit of ours. */
export const kafkajsOf = (brokers: string): Kafka =>
  new Kafka({
    clientId: 'stranger',
    brokers: brokers.split(','),
    logLevel: logLevel.NOTHING,
    retry: { initialRetryTime: 100, maxRetryTime: 2_000, retries: 8 },
  })

/** Where the other client puts a key. */
export const partitionOfStranger = (key: Buffer, partitions: number): number =>
  kafkajs.Partitioners.DefaultPartitioner()({
    topic: 'any',
    partitionMetadata: Array.from({ length: partitions }, (_, partitionId) => ({
      partitionId,
      partitionErrorCode: 0,
      leader: 1,
      replicas: [1],
      isr: [1],
    })),
    message: { key, value: null },
  })
