// biome-ignore lint/correctness/noUndeclaredDependencies: only the types; the tests of @weconnect/eventstore hand over the library
import type * as eventstore from '@eventstore/db-client'

export type Event = eventstore.PersistentSubscriptionToStreamResolvedEvent | eventstore.PersistentSubscriptionToAllResolvedEvent
export type Subscription = eventstore.PersistentSubscriptionToStream | eventstore.PersistentSubscriptionToAll
type Answer = (event: Event, subscription: Subscription) => Promise<void>

export const typeOf = ({ event }: Event): string => event?.type ?? 'nothing'
export const idOf = ({ event }: Event): string => event?.id ?? ''

/** Answers each event, until there are enough. */
export const work = async (
  subscription: Subscription,
  answer: Answer,
  enough: (seen: readonly Event[]) => boolean | Promise<boolean>,
): Promise<Event[]> => {
  const seen: Event[] = []
  for await (const event of subscription as AsyncIterable<Event>) {
    seen.push(event)
    await answer(event, subscription)
    if (await enough(seen)) break
  }
  await subscription.unsubscribe()
  return seen
}

export const ack: Answer = (event, subscription) => subscription.ack(event as never)
export const nack =
  (action: eventstore.PersistentAction): Answer =>
  (event, subscription) =>
    subscription.nack(action, 'because', event as never)
