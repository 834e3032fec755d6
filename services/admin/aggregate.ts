import type { Context, DomainEvent } from '@weconnect/contracts/envelope'
import { isWeConnectError } from '@weconnect/contracts/errors'
import { type Head, type Journal, noStream } from '@weconnect/eventstore/journal'

interface Decider<Command, State, Event extends DomainEvent> {
  readonly initial: State
  decide(command: Command, state: State): readonly Event[]
  evolve(state: State, event: Event): State
}

interface Loaded<State> {
  readonly state: State
  readonly head: Head
}

export interface Aggregate<Command, State> {
  load(stream: string): Promise<State>
  handle(stream: string, command: Command, context: Context): Promise<State>
}

const attempts = 5

/**
 * Loads, decides and appends. What was folded is kept, so that the thousandth sign-in reads only what came since;
 * one stream belongs to one family, so its events are of the decider's union.
 */
export const openAggregate = <Command, State, Event extends DomainEvent>({
  journal,
  initial,
  decide,
  evolve,
}: Decider<Command, State, Event> & { readonly journal: Journal }): Aggregate<Command, State> => {
  const known = new Map<string, Loaded<State>>()

  const catchUp = async (stream: string): Promise<Loaded<State>> => {
    let { state, head } = known.get(stream) ?? { state: initial, head: noStream }
    for await (const envelope of journal.read(stream, { from: head.revision + 1 })) {
      state = evolve(state, { type: envelope.type, data: envelope.data } as unknown as Event)
      head = { revision: envelope.revision, hash: envelope.hash }
    }
    if (head.revision >= 0) known.set(stream, { state, head })
    return { state, head }
  }

  const attempt = async (stream: string, command: Command, context: Context): Promise<State> => {
    const { state, head } = await catchUp(stream)
    const events = decide(command, state)
    if (events.length > 0) await journal.append(stream, head, events, context)
    return events.reduce(evolve, state)
  }

  return {
    load: async (stream) => (await catchUp(stream)).state,
    handle: async (stream, command, context) => {
      for (let tried = 1; ; tried++) {
        try {
          return await attempt(stream, command, context)
        } catch (error) {
          if (tried === attempts || !isWeConnectError(error, 'REVISION_CONFLICT')) throw error
        }
      }
    },
  }
}
