import { noTurns, type Turns, turnGiven } from '@weconnect/flow/fair-turns'

type Run = () => Promise<void>

/** A run that has its place. */
interface Slot {
  /** How many of its steps wait for runs that need a place themselves. */
  lent: number
}

/** Whose run it is. */
export interface Place {
  /** Id of the execution, which may lend its place. */
  readonly id?: string
  /** 1 (first) to 5; 3 when absent. */
  readonly priority?: number | undefined
  /** Organisations with the same priority take turns. */
  readonly organisationId?: string
  /** Share of the organisation among the others, at least 1; 1 when absent. */
  readonly weight?: number
}

interface Entry {
  readonly id: string | undefined
  readonly run: Run
}

/** Runs of one organisation, oldest first, at one priority. */
interface Lane {
  readonly weight: number
  readonly runs: Entry[]
}

/**
 * Executions that nobody waits for, a bounded number at a time: lower priority numbers first, within one the organisations by turns, within an
 * organisation the oldest first.
 */
export class RunQueue {
  readonly #limit: number
  readonly #levels: Map<string, Lane>[] = [new Map(), new Map(), new Map(), new Map(), new Map()]
  #turns: Turns = noTurns
  readonly #slots = new Map<string, Slot>()
  #size = 0
  #running = 0

  /** @param limit runs at the same time, at least 1 */
  constructor(limit: number) {
    this.#limit = limit
  }

  add(run: Run, { id, priority = 3, organisationId = '', weight = 1 }: Place = {}): void {
    const level = this.#levels[Math.min(5, Math.max(1, priority)) - 1]
    const lane = level?.get(organisationId) ?? { weight, runs: [] }
    level?.set(organisationId, lane)
    lane.runs.push({ id, run })
    this.#size += 1
    this.#fill()
  }

  /**
   * Gives the place of an execution to others while it waits for another one, which may need a place: runs that wait for each other would stand
   * still for ever. It goes on at once afterwards, if need be beyond the limit.
   */
  async lend<Result>(id: string, work: () => Promise<Result>): Promise<Result> {
    const slot = this.#slots.get(id)
    if (!slot) return work()
    slot.lent += 1
    if (slot.lent === 1) this.#free()
    try {
      return await work()
    } finally {
      slot.lent -= 1
      if (slot.lent === 0 && this.#slots.get(id) === slot) this.#running += 1
    }
  }

  get size(): number {
    return this.#size
  }
  get running(): number {
    return this.#running
  }

  /** Drops what has not begun. */
  clear(): void {
    for (const level of this.#levels) level.clear()
    this.#size = 0
  }

  #fill(): void {
    while (this.#running < this.#limit) {
      const next = this.#next()
      if (!next) return
      void this.#begin(next)
    }
  }

  async #begin({ id, run }: Entry): Promise<void> {
    const slot: Slot = { lent: 0 }
    this.#running += 1
    if (id !== undefined) this.#slots.set(id, slot)
    await run().catch(() => undefined)
    if (id !== undefined && this.#slots.get(id) === slot) this.#slots.delete(id)
    if (slot.lent === 0) this.#free()
  }

  #free(): void {
    this.#running -= 1
    this.#fill()
  }

  #next(): Entry | undefined {
    const level = this.#levels.find((lanes) => lanes.size > 0)
    if (!level) return undefined
    const organisationId = level.size === 1 ? [...level.keys()][0] : this.#nextOf(level)
    const lane = level.get(organisationId ?? '')
    const run = lane?.runs.shift()
    if (lane?.runs.length === 0) level.delete(organisationId ?? '')
    this.#size -= 1
    return run
  }

  /** The organisation that has had the least of its share. */
  #nextOf(level: ReadonlyMap<string, Lane>): string | undefined {
    const { passes, time } = this.#turns
    let best: string | undefined
    let least = Number.POSITIVE_INFINITY
    for (const organisationId of level.keys()) {
      const pass = Math.max(passes[organisationId] ?? 0, time)
      if (pass >= least) continue
      best = organisationId
      least = pass
    }
    if (best !== undefined) this.#turns = turnGiven(this.#turns, { organisationId: best, weight: level.get(best)?.weight ?? 1 })
    return best
  }
}
