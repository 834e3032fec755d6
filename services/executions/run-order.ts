import type { WorkflowNode } from '@weconnect/workflows/model'
import type { Ready } from './frontier.ts'

/** Nodes that may run at the same time in order `parallel`. */
const maxParallel = 16

/** The steps of a run, as an order of running sees them. */
export interface Steps {
  /** The node whose turn it is; undefined when none may begin now. */
  next(): Ready | undefined
  run(ready: Ready): Promise<void>
  /** Whether the node waits for something outside, so that others may run meanwhile. */
  isExternal(node: WorkflowNode): boolean
  /** After a step: appends what has been recorded when it is much, or old. */
  flushWhenFull(): Promise<void>
  /** Lets go of the run: a step could not be recorded. */
  abandon(): void
}

export const runInOrder = async (steps: Steps): Promise<void> => {
  for (let ready = steps.next(); ready; ready = steps.next()) {
    await steps.run(ready)
    await steps.flushWhenFull()
  }
}

/** @throws the first error of a step, when all that had begun have ended */
export const runParallel = async (steps: Steps): Promise<void> => {
  const running = new Set<Promise<void>>()
  const errors: unknown[] = []
  const next = (): Ready | undefined => (running.size < maxParallel ? steps.next() : undefined)
  for (;;) {
    for (let ready = next(); ready; ready = next()) {
      const run: Promise<void> = steps
        .run(ready)
        .catch((error: unknown) => void errors.push(error))
        .finally(() => running.delete(run))
      if (steps.isExternal(ready.node)) running.add(run)
      else await run
      if (errors.length > 0) steps.abandon()
    }
    if (running.size === 0) break
    await Promise.race(running)
    await steps.flushWhenFull()
  }
  if (errors.length > 0) throw errors[0]
}
