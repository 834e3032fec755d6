import type { Item } from '@weconnect/contracts/items'
import type { JsonObject } from '@weconnect/contracts/json'
import type { NodeContext, NodeType } from '../../sdk/node.ts'
import { eachItem } from '../each-item.ts'
import { asText, type Columns, nodeFailure, passOn, unsupported } from '../per-item.ts'
import { randomBytes } from '../random-bytes.ts'
import { definition } from './definition.ts'
import { randomKinds, seededDice } from './random-data.ts'

const most = 10_000

const randomRows = async (context: NodeContext, read: Columns, index: number): Promise<readonly JsonObject[]> => {
  const kind = asText(read('randomDataType', index))
  if (!Object.hasOwn(randomKinds, kind)) throw unsupported(context, `Random data of type "${kind}"`, 'randomDataType')
  const [count, length] = [Number(read('randomDataCount', index)), Number(read('nanoIdLength', index) ?? 1)]
  if (!(count >= 0 && count <= most)) throw nodeFailure(context, `At most ${most} items can be generated`, 'randomDataCount', index)
  if (!(length >= 1 && length <= 1_000)) throw nodeFailure(context, 'The length must be from 1 to 1000', 'nanoIdLength', index)
  const seed = asText(read('randomDataSeed', index))
  const dice = seededDice(seed !== '' ? seed : (await randomBytes(context, 16)).toString('hex'))
  const alphabet = asText(read('nanoIdAlphabet', index)) || '0'
  return Array.from({ length: Math.trunc(count) }, () => randomKinds[kind]!(dice, { alphabet, length }))
}

const randomItems = async (context: NodeContext, read: Columns, index: number): Promise<readonly Item[]> => {
  const rows = await randomRows(context, read, index)
  const jsons: readonly JsonObject[] = read('randomDataSingleArray', index) === true ? [{ generatedItems: rows }] : rows
  return jsons.map((json) => ({ json, pairedItem: { item: index } }))
}

const names = [
  ...['category', 'throwErrorMessage', 'randomDataType', 'nanoIdAlphabet', 'nanoIdLength', 'randomDataSeed', 'randomDataCount'],
  'randomDataSingleArray',
]

/** Fails, makes random data, or does nothing: for trying out workflows. */
export const debugHelper: NodeType = {
  definition,
  execute: async (context) => [
    await eachItem(context, names, (item, index, read) => {
      const category = asText(read('category', index))
      if (category === 'throwError') throw nodeFailure(context, asText(read('throwErrorMessage', index)), undefined, index)
      if (category === 'randomData') return randomItems(context, read, index)
      if (category === 'doNothing') return passOn(item, index)
      throw unsupported(context, category === 'oom' ? 'Running out of memory' : `Category "${category}"`, 'category')
    }),
  ],
  validate: () => [],
}
