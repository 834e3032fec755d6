import type { Item } from '@weconnect/contracts/items'
import type { JsonObject } from '@weconnect/contracts/json'
import type { NodeContext, NodeType } from '../../sdk/node.ts'
import { asObject, asText, nodeFailure, passOn, unsupported } from '../per-item.ts'
import { append, combineAll, combineByFields, combineByPosition, combinePairs, emptyItem, type Inputs } from './combine.ts'
import { definition, secondDefinition } from './definition.ts'
import { combineBySql } from './sql.ts'

type Mode = (context: NodeContext, inputs: Inputs, options: JsonObject) => Promise<readonly Item[]>

const ofInput = (context: NodeContext, inputs: Inputs, input: number): readonly Item[] => {
  const items = inputs[input]
  if (!items) throw nodeFailure(context, `The input ${input + 1} is not allowed`, 'useDataOfInput')
  return items.map((item, index) => passOn(item, index, input === 0 ? undefined : input))
}

const chosenBranch: Mode = async (context, inputs) => {
  const output = asText(await context.parameter('output', 0))
  if (output === 'empty') return emptyItem(inputs)
  if (output === 'specifiedInput') return ofInput(context, inputs, Number((await context.parameter('useDataOfInput', 0)) ?? 1) - 1)
  return ofInput(context, inputs, output === 'input2' ? 1 : 0)
}

const combinations: Readonly<Record<string, Mode>> = {
  mergeByFields: (context, inputs, options) => combineByFields(context, inputs, options, false),
  mergeByPosition: async (context, inputs, options) => combinePairs(inputs, options, context.node.typeVersion),
  multiplex: async (_context, inputs, options) => combineAll(inputs, options),
  combineByFields: async (context, inputs, options) =>
    combineByFields(context, inputs, options, (await context.parameter('advanced', 0)) !== true),
  combineByPosition: async (_context, inputs, options) => combineByPosition(inputs, options),
  combineAll: async (_context, inputs, options) => combineAll(inputs, options),
}

const combined: Mode = async (context, inputs, options) => {
  const name = context.node.typeVersion >= 3 ? 'combineBy' : 'combinationMode'
  const how = asText(await context.parameter(name, 0))
  if (!Object.hasOwn(combinations, how)) throw unsupported(context, `Combining by "${how}"`, name)
  return combinations[how]!(context, inputs, options)
}

const modes: Readonly<Record<string, Mode>> = {
  append: async (_context, inputs) => append(inputs),
  combineBySql,
  combine: combined,
  chooseBranch: chosenBranch,
}

const inputCount: NonNullable<NodeType['inputCount']> = ({ numberInputs }) => Math.max(2, Number(numberInputs ?? 2))
/** Choosing a branch waits for every input; from version 2.1 on the other modes run with what arrived. */
const requiredInputs: NonNullable<NodeType['requiredInputs']> = (parameters, typeVersion) =>
  parameters['mode'] === 'chooseBranch' && typeVersion > 2 ? inputCount(parameters, typeVersion) : 1

const execute = async (context: NodeContext): Promise<readonly (readonly Item[])[]> => {
  const mode = asText(await context.parameter('mode', 0))
  if (!Object.hasOwn(modes, mode)) throw unsupported(context, `Mode "${mode}"`, 'mode')
  const count = inputCount({ numberInputs: (await context.rawParameter('numberInputs')) ?? 2 }, context.node.typeVersion)
  const inputs = await Promise.all(Array.from({ length: count }, (_, input) => context.items(input)))
  return [await modes[mode]!(context, inputs, asObject(await context.parameter('options', 0)))]
}

/** Merge, versions 2 and 2.1. */
export const mergeSecond: NodeType = { definition: secondDefinition, execute, validate: () => [], requiredInputs }
/** Merge, version 3 and later. */
export const merge: NodeType = { definition, execute, validate: () => [], inputCount, requiredInputs }
