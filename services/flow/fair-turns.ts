/** Someone who waits for a turn. */
export interface InLine {
  readonly organisationId: string
  /** 1 (first) to 5. */
  readonly priority: number
  /** Share of its organisation among the others, at least 1. */
  readonly weight: number
  /** Milliseconds since the epoch: when what waits was asked for. */
  readonly requestedAt: number
  /** Rises with every one who begins to wait. */
  readonly ticket: number
  /** Turns that had been given when it began to wait. */
  readonly turnsBefore: number
}

/** What was given so far. All of it is JSON, and follows from who got a turn alone. */
export interface Turns {
  readonly given: number
  /** Virtual time of the newest turn. */
  readonly time: number
  /** Virtual time at which an organisation has had its share; those behind `time` are left out. */
  readonly passes: Readonly<Record<string, number>>
}

export const noTurns: Turns = { given: 0, time: 0, passes: {} }

/** Turns of others after which who waits rises by a level: priorities are strict, but nobody waits for ever. */
const turnsPerLevel = 100

/** 0 = overdue: then those who began to wait first come first, whatever else is said of them. */
const levelOf = ({ priority, turnsBefore }: InLine, { given }: Turns): number =>
  Math.max(0, priority - Math.floor((given - turnsBefore) / turnsPerLevel))

const passOf = ({ organisationId }: InLine, { passes, time }: Turns): number => Math.max(passes[organisationId] ?? 0, time)

/**
 * Whose turn it is: the lowest level; within it the organisation that has had the least of its share (start-time fair queueing); within that
 * who was asked for first, so that who comes back from a wait keeps its place.
 */
export const nextInLine = <Waiter extends InLine>(waiting: Iterable<Waiter>, turns: Turns): Waiter | undefined => {
  let best: Waiter | undefined
  for (const waiter of waiting) if (best === undefined || isBefore(waiter, best, turns)) best = waiter
  return best
}

const isBefore = (one: InLine, other: InLine, turns: Turns): boolean => {
  const [level, otherLevel] = [levelOf(one, turns), levelOf(other, turns)]
  if (level !== otherLevel) return level < otherLevel
  if (level > 0) {
    const byShare = passOf(one, turns) - passOf(other, turns)
    if (byShare !== 0) return byShare < 0
    if (one.organisationId !== other.organisationId) return one.organisationId < other.organisationId
    if (one.requestedAt !== other.requestedAt) return one.requestedAt < other.requestedAt
  }
  return one.ticket < other.ticket
}

/** After a turn was given to one of those who waited. */
export const turnGiven = (turns: Turns, to: Pick<InLine, 'organisationId' | 'weight'>): Turns => {
  const time = Math.max(turns.passes[to.organisationId] ?? 0, turns.time)
  const behind = Object.entries(turns.passes).filter(([organisationId, pass]) => pass > time && organisationId !== to.organisationId)
  return { given: turns.given + 1, time, passes: { ...Object.fromEntries(behind), [to.organisationId]: time + 1 / to.weight } }
}
