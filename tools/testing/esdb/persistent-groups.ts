import type { ServedClient } from './served-client.ts'

/** Groups of streams, as the tests ask for them. */
export const groupsOf = (at: ServedClient) => {
  const infoOf = (stream: string, group: string) => at.client.getPersistentSubscriptionToStreamInfo(stream, group)
  return {
    settings: at.library.persistentSubscriptionToStreamSettingsFromDefaults,
    someEvents: (count: number, type = 'Work') => at.someEvents(count, type),
    join: (stream: string, group: string, bufferSize = 10) =>
      at.client.subscribeToPersistentSubscriptionToStream(stream, group, { bufferSize }),
    infoOf,
    parkedIn: async (stream: string, group: string): Promise<bigint> => (await infoOf(stream, group)).stats.parkedMessageCount,
  }
}
