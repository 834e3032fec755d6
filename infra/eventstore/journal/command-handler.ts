import type { Context, DomainEvent, Envelope, WriteToken } from '@weconnect/contracts/envelope'
import { isWeConnectError, WeConnectError } from '@weconnect/contracts/errors'
import { recentlyUsed } from '../recently-used.ts'
import { type Head, type Journal, noStream, type Written } from './journal.ts'

/** What a fold may look at: all that is known when an event is appended, so that a live fold and a replayed one see the same. */
export type Recorded<Event extends DomainEvent = DomainEvent> = Event extends DomainEvent
  ? Omit<Envelope<Event>, 'position' | 'hash' | 'schemaVersion'>
  : never

export interface Decider<Command, State, Event extends DomainEvent> {
  /** Pure; rejects by throwing a coded error; [] = nothing to do. */
  decide(command: Command, state: State): readonly Event[]
  /** Pure; never rejects, never changes the state it is given. */
  evolve(state: State, event: Recorded<Event>): State
  readonly initial: State
  streamOf(command: Command): string
  /** Revision from which a fold of the stream needs to be read: of an event that carries all that is before it. Default: 0. */
  foldFrom?(stream: string): Promise<number>
  /** Streams whose state is remembered; 10,000 unless their states are large. */
  readonly rememberedStreams?: number
}

/** A stream folded up to its head. */
export interface Folded<State> {
  readonly state: State
  readonly head: Head
  /** Of the last event; undefined while the stream does not exist. */
  readonly token: WriteToken | undefined
}

export interface HandledCommand<State, Event> extends Folded<State> {
  /** What this command added. */
  readonly events: readonly Event[]
}

export interface CommandHandler<Command, State, Event> {
  (command: Command, context: Context, options?: { readonly expectedRevision?: number | undefined }): Promise<HandledCommand<State, Event>>
  /** The stream folded up to its head, for queries of the owner. */
  load(stream: string): Promise<Folded<State>>
}

const conflictRetries = 5

/** Own events as a reader would see them. */
const recordedOf = <Event extends DomainEvent>(
  events: readonly Event[],
  before: Head,
  written: Written,
  context: Context,
): Recorded<Event>[] =>
  events.map(
    ({ type, data }, index) =>
      ({
        ...context,
        eventId: written.eventIds[index],
        type,
        time: written.time,
        stream: written.token.stream,
        revision: before.revision + 1 + index,
        data,
      }) as unknown as Recorded<Event>,
  )

/**
 * Loads, folds, decides and appends. A stream that moved meanwhile is read and decided again a few times.
 * States of streams that it wrote are remembered, so a command reads only what others have appended since.
 * The handler throws WeConnectError STALE_EXPECTED_VERSION when `expectedRevision` is given and the stream is elsewhere, REVISION_CONFLICT when
 * the stream keeps moving, and what `decide` throws.
 */
export const commandHandler = <Command, State, Event extends DomainEvent>({
  journal,
  decide,
  evolve,
  initial,
  streamOf,
  foldFrom = async () => 0,
  rememberedStreams = 10_000,
}: Decider<Command, State, Event> & { readonly journal: Pick<Journal, 'append' | 'read' | 'logId'> }): CommandHandler<
  Command,
  State,
  Event
> => {
  const remembered = recentlyUsed<Folded<State>>(rememberedStreams)

  const load = async (stream: string): Promise<Folded<State>> => {
    const known = remembered.get(stream)
    let { state, head, token }: Folded<State> = known ?? { state: initial, head: noStream, token: undefined }
    for await (const event of journal.read(stream, { from: known ? head.revision + 1 : await foldFrom(stream) })) {
      state = evolve(state, event as unknown as Recorded<Event>)
      head = { revision: event.revision, hash: event.hash }
      token = { log: journal.logId, stream, revision: event.revision, position: event.position }
    }
    return { state, head, token }
  }

  const attempt = async (stream: string, command: Command, context: Context, expected?: number): Promise<HandledCommand<State, Event>> => {
    const folded = await load(stream)
    if (expected !== undefined && folded.head.revision !== expected) throw stale(stream, expected, folded.head.revision)
    const events = decide(command, folded.state)
    if (events.length === 0) return { ...folded, events }
    const written = await journal.append(stream, folded.head, events, context)
    const state = recordedOf(events, folded.head, written, context).reduce(evolve, folded.state)
    const next = { state, head: written.head, token: written.token }
    remembered.set(stream, next)
    return { ...next, events }
  }

  const handle = async (
    command: Command,
    context: Context,
    { expectedRevision }: { readonly expectedRevision?: number | undefined } = {},
  ) => {
    const stream = streamOf(command)
    for (let tries = 1; ; tries += 1) {
      try {
        return await attempt(stream, command, context, expectedRevision)
      } catch (error) {
        if (!isWeConnectError(error, 'REVISION_CONFLICT')) throw error
        remembered.delete(stream)
        // With an expectation the next try finds the stream elsewhere and says so.
        if (tries > conflictRetries) throw error
      }
    }
  }
  return Object.assign(handle, { load })
}

const stale = (stream: string, expected: number, actual: number): WeConnectError =>
  new WeConnectError(
    'STALE_EXPECTED_VERSION',
    `${stream} is at version ${actual}, you expected ${expected}: someone changed it meanwhile. Read it again and repeat your change.`,
  )
