import { isJsonObject, type JsonObject, type JsonValue } from '@weconnect/contracts/json'
import { ask } from '../ask.ts'
import type { Evaluation } from '../budget.ts'
import { visible } from '../plain.ts'
import { Facade, noMembers } from '../values.ts'

/** A resource locator shows as what it points to. */
const located = (value: JsonValue | undefined): JsonValue | undefined =>
  isJsonObject(value) && value['__rl'] === true ? value['value'] : value

/** Parameters as typed. */
export const rawParameters = (evaluation: Evaluation, parameters: JsonObject): unknown =>
  visible(evaluation, Object.fromEntries(Object.entries(parameters).map(([name, value]) => [name, located(value)])))

const resolve = (evaluation: Evaluation, parameter: JsonValue | undefined): unknown => {
  const value = located(parameter)
  if (typeof value === 'string') return value.startsWith('=') ? evaluation.evaluateText(value) : value
  if (Array.isArray(value)) return value.map((each: JsonValue) => resolve(evaluation, each))
  return typeof value === 'object' && value !== null ? resolvedParameters(evaluation, value as JsonObject) : value
}

/**
 * Parameters with their expressions evaluated, each when it is read. Only what the workflow's author typed is evaluated; a result never is.
 */
export const resolvedParameters = (_: Evaluation, parameters: JsonObject): Facade =>
  new Facade(
    {
      methods: noMembers.methods,
      properties: { get: (name) => (Object.hasOwn(parameters, name) ? (evaluation) => resolve(evaluation, parameters[name]) : undefined) },
    },
    undefined,
    Object.keys(parameters),
  )

/** Parameters of another node. */
export const parametersOf = (evaluation: Evaluation, name: string): Facade =>
  resolvedParameters(evaluation, ask(evaluation, (run) => run.parametersOf(name)) ?? {})
