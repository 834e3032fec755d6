import type { Graph } from './graph.ts'

/** Nodes of an execution that may run at the same time unless settings.maxParallel says otherwise. */
const usual = 16
const most = 256

/** settings.maxParallel, 1 to 256: how many nodes of one execution may run at the same time in order `parallel`. */
export const maxParallelOf = ({ content: { settings } }: Graph): number => {
  const { maxParallel } = settings
  return typeof maxParallel === 'number' && maxParallel >= 1 ? Math.min(most, Math.floor(maxParallel)) : usual
}
