import { WeConnectError } from '@weconnect/contracts/errors'
import type { JsonObject, JsonValue } from '@weconnect/contracts/json'

/** Evaluates one expression text, with its leading `=`, for one item. */
export type Evaluate = (text: string, itemIndex: number) => JsonValue | undefined
type Resolver = (itemIndex: number, evaluate: Evaluate) => JsonValue | undefined

/** Only strings that begin with `=` are expressions. */
export const isExpression = (value: JsonValue | undefined): value is string => typeof value === 'string' && value.startsWith('=')

export const containsExpression = (value: JsonValue | undefined): boolean => {
  if (typeof value !== 'object' || value === null) return isExpression(value)
  return Array.isArray(value) ? value.some(containsExpression) : Object.values(value).some(containsExpression)
}

/**
 * Compiles a raw parameter value to the work that is left for each item: expressions are found here, once, and what holds none is
 * returned as it is. The results of expressions are data: they are never looked at for expressions again.
 */
export const compileParameter = (value: JsonValue | undefined): Resolver => {
  if (isExpression(value)) return (itemIndex, evaluate) => evaluate(value, itemIndex)
  if (!containsExpression(value)) return () => value
  return Array.isArray(value) ? compileList(value) : compileObject(value as JsonObject)
}

const compileList = (list: readonly JsonValue[]): Resolver => {
  const members = list.map(compileParameter)
  return (itemIndex, evaluate) => members.map((member) => member(itemIndex, evaluate) ?? null)
}

const compileObject = (object: JsonObject): Resolver => {
  const members = Object.entries(object)
    .filter(([, value]) => containsExpression(value))
    .map(([key, value]) => [key, compileParameter(value)] as const)
  return (itemIndex, evaluate) => {
    const resolved: Record<string, JsonValue | undefined> = { ...object }
    for (const [key, member] of members) resolved[key] = member(itemIndex, evaluate)
    return resolved
  }
}

/** A raw parameter value with its expressions evaluated for one item. */
export const resolveParameter = (value: JsonValue | undefined, itemIndex: number, evaluate: Evaluate): JsonValue | undefined =>
  compileParameter(value)(itemIndex, evaluate)

/**
 * An error that says in which node, parameter and item an expression failed; its code stays when it is one of ours.
 * @param error what the evaluation threw
 */
export const expressionFailure = (error: unknown, node: string, parameter: string, item: number): WeConnectError => {
  const message = error instanceof Error ? error.message : String(error)
  const code = error instanceof WeConnectError ? error.code : 'EXPRESSION_FAILED'
  return new WeConnectError(code, message, { cause: error, problems: [{ code, message, node, parameter, item }] })
}
