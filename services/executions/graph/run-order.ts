import type { WorkflowNode } from '@weconnect/workflows/model'
import type { RestingBranches } from '../waits/resting-branches.ts'
import type { Ready } from './frontier.ts'

/** The steps of a run, as an order of running sees them. */
export interface Steps {
  /** The node whose turn it is; undefined when none may begin now. */
  next(): Ready | undefined
  run(ready: Ready): Promise<void>
  /** Whether the node waits for something outside, so that others may run meanwhile. */
  isExternal(node: WorkflowNode): boolean
  /** After a step: appends what has been recorded when it is much, or old. */
  flushWhenFull(): Promise<void>
  /** Resolves when what has been recorded is old enough to be appended; none when there is nothing. */
  aged(): readonly Promise<void>[]
  /** In order `parallel`: branches that wait. */
  readonly resting: RestingBranches
  /** In order `parallel`: nodes that may run at the same time. */
  readonly maxParallel: () => number
  /** Lets go of the run: a step could not be recorded. */
  abandon(): void
}

export const runInOrder = async (steps: Steps): Promise<void> => {
  for (let ready = steps.next(); ready; ready = steps.next()) {
    await steps.run(ready)
    await steps.flushWhenFull()
  }
}

/**
 * Ends when nothing can run: branches that wait are put down then.
 * @param begun steps that an earlier run had begun
 * @throws the first error of a step, when all that had begun have ended
 */
export const runParallel = async (steps: Steps, begun: readonly (() => Promise<void>)[]): Promise<void> => {
  const { resting, maxParallel } = steps
  const running = new Set<Promise<void>>()
  const errors: unknown[] = []
  const begin = (work: Promise<void>): Promise<void> => {
    const run: Promise<void> = work.catch((error: unknown) => void errors.push(error)).finally(() => running.delete(run))
    return run
  }
  const next = (): Ready | undefined => (running.size - resting.size < maxParallel() ? steps.next() : undefined)
  for (const again of begun) running.add(begin(again()))
  for (;;) {
    for (let ready = next(); ready; ready = next()) {
      const run = begin(steps.run(ready))
      if (steps.isExternal(ready.node)) running.add(run)
      else await run
      if (errors.length > 0) steps.abandon()
    }
    if (running.size === 0) break
    if (running.size === resting.size) resting.putDown()
    await Promise.race([...running, resting.began, ...steps.aged()])
    if (errors.length > 0) steps.abandon()
    await steps.flushWhenFull()
  }
  if (errors.length > 0) throw errors[0]
}
