import { noTurns, type Turns, turnGiven } from '@weconnect/flow/fair-turns'

type Run = () => Promise<void>

/** Whose run it is. */
export interface Place {
  /** 1 (first) to 5; 3 when absent. */
  readonly priority?: number | undefined
  /** Organisations with the same priority take turns. */
  readonly organisationId?: string
  /** Share of the organisation among the others, at least 1; 1 when absent. */
  readonly weight?: number
}

/** Runs of one organisation, oldest first, at one priority. */
interface Lane {
  readonly weight: number
  readonly runs: Run[]
}

/**
 * Executions that nobody waits for, a bounded number at a time: lower priority numbers first, within one the organisations by turns, within an
 * organisation the oldest first.
 */
export class RunQueue {
  readonly #limit: number
  readonly #levels: Map<string, Lane>[] = [new Map(), new Map(), new Map(), new Map(), new Map()]
  #turns: Turns = noTurns
  #size = 0
  #running = 0

  /** @param limit runs at the same time, at least 1 */
  constructor(limit: number) {
    this.#limit = limit
  }

  add(run: Run, { priority = 3, organisationId = '', weight = 1 }: Place = {}): void {
    const level = this.#levels[Math.min(5, Math.max(1, priority)) - 1]
    const lane = level?.get(organisationId) ?? { weight, runs: [] }
    level?.set(organisationId, lane)
    lane.runs.push(run)
    this.#size += 1
    this.#fill()
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
      this.#running += 1
      const ended = next().catch(() => undefined)
      void ended.then(() => {
        this.#running -= 1
        this.#fill()
      })
    }
  }

  #next(): Run | undefined {
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
