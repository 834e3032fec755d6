import type { RunFacts } from '../scope/run-facts.ts'

/** Milliseconds since the epoch when the time limit of an execution strikes: the time that people held it does not count. */
export const deadlineOf = (
  { started, recorder }: Pick<RunFacts, 'recorder'> & { readonly started: Pick<RunFacts['started'], 'timeoutMs'> },
  begunAtMs: number,
): number | undefined => (started.timeoutMs === undefined ? undefined : begunAtMs + started.timeoutMs + recorder.state.heldMs)
