import type { Evaluation } from './budget.ts'
import { Passage } from './errors.ts'
import type { RunScope } from './scope.ts'

/** Asks the run; what it throws (data still to be loaded) passes the user's catch. */
export const ask = <T>(evaluation: Evaluation, question: (run: RunScope) => T): T => {
  try {
    return question(evaluation.scope.run)
  } catch (error) {
    throw new Passage(error)
  }
}
