import type { JsonObject, JsonValue } from '@weconnect/contracts/json'
import type { ItemRange, NodeType } from '../sdk/node.ts'
import { getNodeParameters } from './fill.ts'
import { valueAt } from './paths.ts'
import { compileParameter, containsExpression, type Evaluate, expressionFailure } from './resolve.ts'

/** The parameters of one node, ready to be read for any number of items. Made once per node of a plan. */
export interface PreparedParameters {
  /** Defaults filled in, expressions as typed. */
  readonly values: JsonObject
  /**
   * A parameter for one item; `name` may be a path such as `options.dotNotation`. Constants come back without work, always the same object.
   * @throws WeConnectError EXPRESSION_FAILED (or the code of the evaluation) naming node, parameter and item
   */
  get(name: string, itemIndex: number, evaluate: Evaluate): JsonValue | undefined
  /** The same for the items from `from` to before `to`. */
  getEach(name: string, range: ItemRange, evaluate: Evaluate): readonly (JsonValue | undefined)[]
  /** True when the parameter is the same for every item. */
  isConstant(name: string): boolean
  raw(name: string): JsonValue | undefined
}

interface Entry {
  readonly constant: boolean
  readonly raw: JsonValue | undefined
  readonly resolve: (itemIndex: number, evaluate: Evaluate) => JsonValue | undefined
}

const entryOf = (values: JsonObject, name: string): Entry => {
  const raw = valueAt(values, name)
  return { raw, constant: !containsExpression(raw), resolve: compileParameter(raw) }
}

/**
 * @param nodeName for error messages
 * @param rawParameters as typed
 */
export const prepareParameters = (
  nodeType: NodeType,
  rawParameters: JsonObject,
  typeVersion: number,
  nodeName: string = nodeType.definition.displayName,
): PreparedParameters => {
  const values = getNodeParameters(nodeType.definition.properties, rawParameters, true, false, { typeVersion })
  const entries = new Map<string, Entry>()
  const entry = (name: string): Entry => {
    const known = entries.get(name) ?? entryOf(values, name)
    entries.set(name, known)
    return known
  }
  const get = (name: string, itemIndex: number, evaluate: Evaluate): JsonValue | undefined => {
    const { constant, raw, resolve } = entry(name)
    if (constant) return raw
    try {
      return resolve(itemIndex, evaluate)
    } catch (error) {
      throw expressionFailure(error, nodeName, name, itemIndex)
    }
  }
  return {
    values,
    get,
    getEach: (name, { from, to }, evaluate) => {
      const { constant, raw } = entry(name)
      const values: (JsonValue | undefined)[] = []
      for (let index = from; index < to; index++) values.push(constant ? raw : get(name, index, evaluate))
      return values
    },
    isConstant: (name) => entry(name).constant,
    raw: (name) => entry(name).raw,
  }
}
