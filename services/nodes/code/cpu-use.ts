/** CPU time that the code of each organisation used. */
export interface CpuUse {
  add(organisationId: string, milliseconds: number): void
  /** Milliseconds, those of long ago counting less: half after each half minute. */
  lately(organisationId: string): number
  /** Milliseconds until it may use more; 0: now. */
  restOf(organisationId: string): number
}

interface Used {
  /** Milliseconds, aged until `at`. */
  readonly lately: number
  /** Milliseconds that the budget has not made up for until `at`. */
  readonly owed: number
  readonly at: number
}

const none: Used = { lately: 0, owed: 0, at: 0 }
const halfLifeMs = 30_000
/** Milliseconds that count no more. */
const forgotten = 1
const roundingError = 1e-6
const manyOrganisations = 1_000

/**
 * @param now milliseconds, monotonic
 * @param secondsPerMinute that each organisation may use in the long run, and as much at once before it rests. No limit when absent.
 */
export const openCpuUse = (now: () => number, secondsPerMinute?: number): CpuUse => {
  const known = new Map<string, Used>()
  /** Milliseconds of CPU for a millisecond of time. */
  const rate = (secondsPerMinute ?? 0) / 60

  const asOfNow = (organisationId: string): Used => {
    const used = known.get(organisationId)
    if (used === undefined) return none
    const at = now()
    const passed = at - used.at
    return { lately: used.lately * 2 ** (-passed / halfLifeMs), owed: Math.max(0, used.owed - passed * rate), at }
  }
  const forgetOld = (): void => {
    for (const organisationId of known.keys()) {
      const { lately, owed } = asOfNow(organisationId)
      if (lately < forgotten && owed === 0) known.delete(organisationId)
    }
  }
  return {
    lately: (organisationId) => asOfNow(organisationId).lately,
    add: (organisationId, milliseconds) => {
      if (known.size > manyOrganisations) forgetOld()
      const { lately, owed } = asOfNow(organisationId)
      known.set(organisationId, { lately: lately + milliseconds, owed: rate === 0 ? 0 : owed + milliseconds, at: now() })
    },
    restOf: (organisationId) => {
      const over = asOfNow(organisationId).owed - (secondsPerMinute ?? 0) * 1_000
      return over > roundingError ? Math.ceil(over / rate) : 0
    },
  }
}
