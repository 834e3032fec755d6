import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Position } from '@weconnect/contracts/envelope'
import { isWeConnectError } from '@weconnect/contracts/errors'
import { eventCatalogue } from '@weconnect/contracts/events/catalogue'
import { familyOf } from '@weconnect/contracts/ids'
import { linkOf, originOf } from '../journal/hash-chain.ts'
import type { EventStore, IntegrityProblem, StoredEvent } from '../port.ts'
import { eventChecker } from './event-check.ts'

export interface VerifyReport {
  readonly ok: boolean
  readonly events: number
  readonly streams: number
  /** At most as many as the limit; the first found come first. */
  readonly problems: readonly IntegrityProblem[]
}

export interface VerifyOptions {
  readonly store: EventStore
  /** Told after every page. */
  readonly onProgress?: (progress: { readonly events: number; readonly streams: number; readonly problems: number }) => void
  /** Problems after which it stops; default 100. */
  readonly limit?: number
}

const pageEvents = 2000
const families: ReadonlySet<string> = new Set(Object.values(eventCatalogue).map(({ family }) => family))

/** Last event of a stream as far as it was read. */
interface Seen {
  revision: number
  hash: string
}

/** Checks one event after the other, in log order. Answers what is wrong with it. */
const logChecker = () => {
  const seen = new Map<string, Seen>()
  const checkEvent = eventChecker()
  let lastPosition: Position = ''

  const linkProblems = (event: StoredEvent, before: Seen | undefined): string[] => {
    const problems: string[] = []
    const expected = (before?.revision ?? -1) + 1
    if (event.revision !== expected) problems.push(`its revision is ${event.revision} where ${expected} should follow`)
    if (!families.has(familyOf(event.stream))) {
      seen.set(event.stream, { revision: event.revision, hash: '' })
      return problems
    }
    const link = linkOf(event, before?.hash ?? originOf(event.stream))
    if (!link) problems.push('its metadata carry no hash')
    else if (link.stored !== link.computed) problems.push('its hash does not follow from its bytes and the event before it')
    // What comes after is judged by what is stored here, so that one change is one problem and not one per later event.
    seen.set(event.stream, { revision: event.revision, hash: link?.stored ?? '' })
    return problems
  }

  return {
    streams: (): number => seen.size,
    check: (event: StoredEvent): string[] => {
      const problems = linkProblems(event, seen.get(event.stream))
      if (event.position <= lastPosition) problems.push(`its position does not come after ${lastPosition}`)
      lastPosition = event.position
      const family = familyOf(event.stream)
      // Other programs may keep streams of their own in a served log: they have no hashes and no schemas of ours.
      const wrong = families.has(family) ? checkEvent(event, family) : undefined
      return wrong === undefined ? problems : [...problems, wrong]
    },
  }
}

const unreadable = (after: Position | undefined, error: unknown): IntegrityProblem => ({
  ...(after === undefined ? {} : { position: after }),
  problem: `the log cannot be read any further than ${after ?? 'its start'}: ${isWeConnectError(error) ? error.message : String(error)}`,
})

/** Reads the whole log: revisions without gaps, positions in order, the hash chain of every stream, every event decodes by its schema. */
export const verifyLog = async ({ store, onProgress, limit = 100 }: VerifyOptions): Promise<VerifyReport> => {
  const checker = logChecker()
  const problems: IntegrityProblem[] = [...((await store.integrity?.()) ?? [])]
  let events = 0
  let after: Position | undefined
  while (problems.length < limit) {
    const page = await store.readAll({ after, limit: pageEvents }).catch((error: unknown) => {
      problems.push(unreadable(after, error))
      return []
    })
    for (const event of page) {
      const { stream, revision, position } = event
      for (const problem of checker.check(event)) problems.push({ stream, revision, position, problem })
    }
    events += page.length
    after = page.at(-1)?.position
    if (after === undefined) break
    onProgress?.({ events, streams: checker.streams(), problems: problems.length })
    await nextTurn()
  }
  return { ok: problems.length === 0, events, streams: checker.streams(), problems: problems.slice(0, limit) }
}
