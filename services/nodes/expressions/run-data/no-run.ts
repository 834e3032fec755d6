import type { RunScope } from '../scope.ts'

/** Nothing has run. */
export const noRun: RunScope = {
  outputOf: () => undefined,
  lastRunOf: () => -1,
  hasNode: () => false,
  outputTowardsCurrent: () => 0,
  pairedItem: () => ({ problem: 'notExecuted' }),
  parametersOf: () => undefined,
  contextOf: () => ({}),
  agentInfo: () => undefined,
}
