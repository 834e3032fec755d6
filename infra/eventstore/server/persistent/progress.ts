interface Entry {
  readonly position: number
  done: boolean
}

/** How far a group is: messages end in any order, the checkpoint follows the oldest that has not. */
export const groupProgress = (from: number | undefined) => {
  const open: Entry[] = []
  let first = 0
  let processed = from
  let since = 0
  const entries = new Map<number, Entry>()
  return {
    began: (position: number): void => {
      const entry = { position, done: false }
      open.push(entry)
      entries.set(position, entry)
    },
    ended: (position: number): void => {
      const entry = entries.get(position)
      if (!entry) return
      entry.done = true
      while (open[first]?.done) {
        const { position: passed } = open[first++] as Entry
        entries.delete(passed)
        processed = passed
        since += 1
      }
      if (first < 1000) return
      open.splice(0, first)
      first = 0
    },
    /** The position up to which all is done; undefined = nothing yet. */
    processed: () => processed,
    /** Messages that were done since the last checkpoint. */
    sinceCheckpoint: () => since,
    checkpointed: (): void => {
      since = 0
    },
  }
}
