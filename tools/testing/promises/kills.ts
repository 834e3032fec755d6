import { setTimeout as sleep } from 'node:timers/promises'
import type { Chance } from '../simulation/chance.ts'

/** A process that can die at any instant. */
export interface Mortal {
  readonly name: string
  kill9(): Promise<void>
  /** Resolves when it is ready again; rejects when it ended instead. */
  start(): Promise<void>
}

export interface KillsOptions {
  readonly chance: Chance
  /** On the clock of performance.now(). */
  readonly untilMs: number
  /** Milliseconds between two kills, and until the dead one is started again: this at most. */
  readonly pauseMs: number
  readonly awayMs: number
}

const restartLimitMs = 120_000

/** As whoever supervises processes does: one that ends instead of becoming ready, as what it needs is away, is started once more. */
const startAgain = async (mortal: Mortal): Promise<void> => {
  const limit = performance.now() + restartLimitMs
  for (;;) {
    try {
      return await mortal.start()
    } catch (error) {
      if (performance.now() > limit) throw error
    }
    await sleep(200)
  }
}

/**
 * Kills with -9 in rounds in which each dies once, in an order and after pauses that chance decides, several of them at a time; each round is finished.
 * @returns who was killed, when all are back
 */
export const killAtRandom = async (
  mortals: readonly Mortal[],
  { chance, untilMs, pauseMs, awayMs }: KillsOptions,
): Promise<readonly string[]> => {
  const killed: string[] = []
  const returns = new Map<Mortal, Promise<void>>()
  const killOne = async (mortal: Mortal): Promise<void> => {
    const away = chance.between(0, awayMs)
    await sleep(chance.between(pauseMs / 5, pauseMs))
    await returns.get(mortal)
    await mortal.kill9()
    killed.push(mortal.name)
    const back = sleep(away).then(() => startAgain(mortal))
    // Whoever awaits it hears of its failure.
    back.catch(() => {})
    returns.set(mortal, back)
  }
  while (killed.length === 0 || performance.now() < untilMs) for (const mortal of shuffled(mortals, chance)) await killOne(mortal)
  await Promise.all(returns.values())
  return killed
}

const shuffled = <Value>(values: readonly Value[], chance: Chance): readonly Value[] => {
  const rest = [...values]
  return values.map(() => rest.splice(chance.between(0, rest.length - 1), 1)[0] as Value)
}
