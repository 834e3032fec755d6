import type { Item } from '@weconnect/contracts/items'
import type { Evaluation } from '../budget.ts'
import { failed } from '../errors.ts'
import { visible } from '../plain.ts'

export const notExecuted = (name: string) => failed(`Node '${name}' hasn't been executed`)

export const currentItem = (evaluation: Evaluation): Item => {
  const { items, itemIndex, node } = evaluation.scope
  const item = items[itemIndex]
  if (item === undefined) throw notExecuted(node.name)
  return item
}

export const currentJson = (evaluation: Evaluation): unknown => visible(evaluation, currentItem(evaluation).json)
export const currentBinary = (evaluation: Evaluation): unknown => visible(evaluation, currentItem(evaluation).binary ?? {})
