import { recentlyUsed } from '../recently-used.ts'

const streams = 2000
const idsPerStream = 500

/**
 * Event ids of what was appended lately, by stream: how an append that names no revision is recognised when it is repeated. In memory; a stream that
 * is seen for the first time is filled from its last events.
 */
export const recentIds = (lastOf: (stream: string, limit: number) => Promise<readonly { id: string; revision: number }[]>) => {
  const known = recentlyUsed<Map<string, number>>(streams)

  const idsOf = async (stream: string): Promise<Map<string, number>> => {
    const found = known.get(stream)
    if (found) return found
    const filled = new Map((await lastOf(stream, idsPerStream)).map(({ id, revision }) => [id, revision]))
    known.set(stream, filled)
    return filled
  }

  return {
    /** Revision of the last of these events when all are there in this order; `partly` when only some are, beginning with the first. */
    find: async (stream: string, ids: readonly string[]): Promise<number | 'partly' | undefined> => {
      const revisions = await idsOf(stream)
      const first = revisions.get(ids[0] ?? '')
      if (first === undefined) return undefined
      return ids.every((id, index) => revisions.get(id) === first + index) ? first + ids.length - 1 : 'partly'
    },
    add: (stream: string, ids: readonly string[], lastRevision: number): void => {
      const revisions = known.get(stream)
      if (!revisions) return
      for (const [index, id] of ids.entries()) revisions.set(id, lastRevision - ids.length + 1 + index)
      for (const id of revisions.keys()) {
        if (revisions.size <= 2 * idsPerStream) break
        revisions.delete(id)
      }
    },
  }
}
