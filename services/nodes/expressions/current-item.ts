import type { Item } from '@weconnect/contracts/items'
import type { Evaluation } from './budget.ts'
import { failed, Passage } from './errors.ts'
import { visible } from './plain.ts'
import type { RunScope } from './scope.ts'

/** Asks the run; what it throws (data still to be loaded) passes the user's catch. */
export const ask = <T>(evaluation: Evaluation, question: (run: RunScope) => T): T => {
  try {
    return question(evaluation.scope.run)
  } catch (error) {
    throw new Passage(error)
  }
}

export const notExecuted = (name: string) => failed(`Node '${name}' hasn't been executed`)

export const currentItem = (evaluation: Evaluation): Item => {
  const { items, itemIndex, node } = evaluation.scope
  const item = items[itemIndex]
  if (item === undefined) throw notExecuted(node.name)
  return item
}

export const currentJson = (evaluation: Evaluation): unknown => visible(evaluation, currentItem(evaluation).json)
export const currentBinary = (evaluation: Evaluation): unknown => visible(evaluation, currentItem(evaluation).binary ?? {})
