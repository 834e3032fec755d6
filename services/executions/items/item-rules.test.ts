import type { Item } from '@weconnect/contracts/items'
import { expect, test } from 'vitest'
import type { PreparedNode } from '../parts.ts'
import { finishOutputs } from './item-rules.ts'

const goesOn = { onError: 'continueErrorOutput', node: { options: {} } } as PreparedNode
const input: readonly Item[] = [{ json: { id: 1 } }]

test('a failed item takes the fields of the item that it names to the error output', () => {
  const failed = [{ json: { error: 'boom' }, pairedItem: { item: 0 } }]
  expect(finishOutputs([failed], [input], goesOn, 1)).toEqual([[], [{ json: { id: 1, error: 'boom' }, pairedItem: { item: 0 } }]])
})

test('an error that names no item takes no fields, though it is paired where that is certain', () => {
  const failed = [{ json: { error: 'boom' } }]
  expect(finishOutputs([failed], [input], goesOn, 1)).toEqual([[], [{ json: { error: 'boom' }, pairedItem: { item: 0 } }]])
  expect(finishOutputs([failed], [[...input, ...input]], goesOn, 1)).toEqual([[], [{ json: { error: 'boom' } }]])
})
