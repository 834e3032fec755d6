import type { Context, WriteToken } from '@weconnect/contracts/envelope'
import type { ArrivalGathered, GatheringEvent } from '@weconnect/contracts/events/gathering'
import { familyOf, idOf } from '@weconnect/contracts/ids'
import type { Item, Outputs } from '@weconnect/contracts/items'
import { type CommandHandler, commandHandler } from '@weconnect/eventstore/command-handler'
import type { Journal } from '@weconnect/eventstore/journal'
import type { WorkRow } from '@weconnect/eventstore/port'
import { type Arrival, decide, type GatheringCommand, type Gathers, windowOf } from './gathering-decide.ts'
import { emptyGathering, evolve, type Gathering, type Window } from './gathering-state.ts'
import type { Alarms } from './slot-parts.ts'

/** Milliseconds until what could not be begun is tried again; doubled each time up to the longest. */
const retryMs = 1_000
const longestRetryMs = 60_000

/** What a window became: enough to ask for its execution. */
export interface Gathered {
  readonly executionId: string
  readonly organisationId: string
  readonly actor: string
  /** Of the newest arrival. */
  readonly arrival: ArrivalGathered['data']
  readonly input: Outputs
}

export interface GatheringParts {
  readonly journal: Pick<Journal, 'append' | 'read' | 'logId'>
  readonly now: () => number
  readonly alarms: (fire: (key: string) => void) => Alarms
  /** Asks for the execution; that it exists already is no error. */
  readonly begin: (gathered: Gathered) => Promise<void>
  readonly onError: (error: unknown, executionId: string) => void
}

const streamOf = (id: string): string => `gathering-${id}`

/** Puts arrivals aside and begins their execution when it is time. What is held in memory is a copy: a start fills it from the log. */
export class Gatherings {
  readonly #parts: GatheringParts
  readonly #handle: CommandHandler<GatheringCommand, Gathering, GatheringEvent>
  readonly #alarms: Alarms
  /** Gathering of each execution that has not begun. */
  readonly #of = new Map<string, string>()
  /** The last of what is done with each, one after the other. */
  readonly #busy = new Map<string, Promise<unknown>>()
  readonly #failures = new Map<string, number>()
  #closed = false

  constructor(parts: GatheringParts) {
    const { journal } = parts
    this.#parts = parts
    this.#handle = commandHandler<GatheringCommand, Gathering, GatheringEvent>({
      journal,
      decide,
      evolve,
      initial: emptyGathering,
      streamOf: ({ id }) => streamOf(id),
      // A close carries everything before it.
      foldFrom: async (stream) => {
        for await (const { type, revision } of journal.read(stream, { direction: 'backwards' }))
          if (type === 'GatheringClosed') return revision
        return 0
      },
    })
    this.#alarms = parts.alarms((id) => void this.#look(id))
  }

  /** Takes up what an earlier process left. @param rows the open work of the log */
  async start(rows: readonly WorkRow[]): Promise<void> {
    for (const { stream } of rows) {
      if (familyOf(stream) !== 'gathering') continue
      const { state } = await this.#handle.load(stream)
      this.#note(idOf(stream), state)
      if (state.closed.length > 0) void this.#look(idOf(stream))
    }
  }

  close(): void {
    this.#closed = true
    this.#alarms.close()
  }

  /** Durable when it resolves. @returns the execution that it becomes part of; of a delivery that came before, the same as then */
  async gather(
    id: string,
    arrival: Arrival,
    gathers: Gathers,
    context: Context,
  ): Promise<{ readonly executionId: string; readonly token: WriteToken }> {
    const command = { type: 'Gather', id, arrival, gathers, now: this.#parts.now() } as const
    const { state, token, events } = await this.#inTurn(id, () => this.#handle(command, context))
    const [gathered] = events
    const executionId = gathered?.type === 'ArrivalGathered' ? gathered.data.executionId : windowOf(state, arrival)?.executionId
    this.#note(id, state)
    if (state.closed.length > 0) void this.#look(id)
    return { executionId: executionId ?? arrival.arrivalId, token: token as WriteToken }
  }

  /** What an execution that has not begun waits for. */
  async windowOf(executionId: string, organisationId: string): Promise<Window | undefined> {
    const id = this.#of.get(executionId)
    if (id === undefined) return undefined
    const { state } = await this.#handle.load(streamOf(id))
    if (state.organisationId !== organisationId) return undefined
    return [state.open, ...state.closed].find((window) => window?.executionId === executionId)
  }

  #note(id: string, { open, closed }: Gathering): void {
    for (const window of [open, ...closed]) if (window) this.#of.set(window.executionId, id)
    if (open && !this.#closed) this.#alarms.set(id, open.dueAt)
  }

  /** Two at a time would be in each other's way at the expected revision, and two looks would begin what one does. */
  #inTurn<Result>(id: string, work: () => Promise<Result>): Promise<Result> {
    const done = (this.#busy.get(id) ?? Promise.resolve()).then(work, work)
    this.#busy.set(id, done)
    const settled = (): void => {
      if (this.#busy.get(id) === done) this.#busy.delete(id)
    }
    done.then(settled, settled)
    return done
  }

  #look(id: string): Promise<void> {
    return this.#inTurn(id, () => this.#lookOnce(id))
  }

  async #lookOnce(id: string): Promise<void> {
    if (this.#closed) return
    try {
      const { organisationId } = (await this.#handle.load(streamOf(id))).state
      const context = { actor: 'system', organisationId, correlationId: id, causationId: id }
      const { state } = await this.#handle({ type: 'CloseGathering', id, now: this.#parts.now() }, context)
      for (const window of state.closed) {
        await this.#parts.begin(await this.#gathered(id, window))
        await this.#handle({ type: 'NoteBegun', id, executionId: window.executionId }, context)
        this.#of.delete(window.executionId)
      }
      this.#failures.delete(id)
      this.#note(id, (await this.#handle.load(streamOf(id))).state)
    } catch (error) {
      if (this.#closed) return
      const failures = this.#failures.get(id) ?? 0
      this.#failures.set(id, failures + 1)
      this.#parts.onError(error, '')
      this.#alarms.set(id, this.#parts.now() + Math.min(longestRetryMs, retryMs * 2 ** failures))
    }
  }

  /** The newest arrival of a debounce; of a batch, the items of all of them. */
  async #gathered(id: string, { executionId, kind, from, to }: Window): Promise<Gathered> {
    const inputs: Outputs[] = []
    let newest: { readonly arrival: ArrivalGathered['data']; readonly actor: string; readonly organisationId: string } | undefined
    for await (const event of this.#parts.journal.read(streamOf(id), { from: kind === 'debounce' ? to : from })) {
      if (event.revision > to) break
      if (event.type !== 'ArrivalGathered' || event.data.executionId !== executionId) continue
      inputs.push(event.data.input as unknown as Outputs)
      newest = { arrival: event.data, actor: event.actor, organisationId: event.organisationId }
    }
    if (!newest) throw new Error(`gathering ${id} has no arrival of ${executionId}`)
    return { executionId, ...newest, input: together(inputs) }
  }
}

/** Items of several triggers' outputs, output by output. */
const together = (inputs: readonly Outputs[]): Outputs => {
  const outputs: Item[][] = []
  for (const input of inputs)
    for (const [index, items] of input.entries()) {
      outputs[index] ??= []
      outputs[index].push(...(items ?? []))
    }
  return Array.from(outputs, (items) => items ?? [])
}
