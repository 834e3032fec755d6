import type { Fetched, Place } from '@weconnect/kafka/partition-reader'
import type { TopicGroup } from '@weconnect/kafka/topic-group'
import { placeKey } from './topic-writer.ts'

/** Milliseconds that a fetch waits for records. */
const waitMs = 100

/** What follows is fetched while a batch is being written. */
export const fetchAhead = () => {
  let ahead: Promise<readonly Fetched[]> | undefined
  return {
    /** What was begun ahead, or else what there is at these places. */
    next: async (member: TopicGroup, wanted: readonly Place[]): Promise<readonly Fetched[]> => {
      const fetched = await (ahead ?? member.fetch(wanted, waitMs))
      ahead = undefined
      return fetched
    },
    begin: (member: TopicGroup, wanted: readonly Place[], after: readonly Fetched[]): void => {
      const next = new Map(after.map((each) => [placeKey(each), each.next]))
      ahead = member.fetch(
        wanted.map((place) => ({ ...place, offset: next.get(placeKey(place)) ?? place.offset })),
        waitMs,
      )
      // Whoever awaits it hears of its failure.
      ahead.catch(() => {})
    },
    forget: (): void => {
      ahead = undefined
    },
  }
}
