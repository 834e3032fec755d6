import type { Problem } from '@weconnect/contracts/errors'
import { isJsonObject, type JsonObject, type JsonValue } from '@weconnect/contracts/json'
import type { NodeProperty } from '@weconnect/contracts/node'
import { getNodeParameters } from '@weconnect/nodes/parameters/fill'
import type { NodeType } from '@weconnect/nodes/sdk/node'
import type { WorkflowNode } from '../model.ts'

/** What is wrong with an expression text (with its leading `=`), and at which character of it; undefined when it parses. */
export type ParseExpression = (text: string) => { readonly message: string; readonly position: number } | undefined

/** Required parameters that are missing, what the node type itself finds, and expressions that do not parse; only of parameters that show. */
export const parameterProblems = (node: WorkflowNode, type: NodeType, parse: ParseExpression): readonly Problem[] => {
  const { properties } = type.definition
  const shown = getNodeParameters(properties, node.parameters, true, false, { typeVersion: node.typeVersion })
  const missing = properties.filter((property) => property.required && Object.hasOwn(shown, property.name) && isEmpty(shown[property.name]))
  const missingNames = new Set(missing.map(({ name }) => name))
  const own = type.validate(node.parameters, node.typeVersion).filter(({ parameter }) => !missingNames.has(parameter))
  return [
    ...missing.map((property) => parameterProblem(node.name, property.name, `"${property.displayName}" is required`)),
    ...own.map(({ parameter, message }) => parameterProblem(node.name, parameter, message)),
    ...expressionProblems(withoutPlainTexts(shown, properties), node.name, parse),
  ]
}

const parameterProblem = (node: string, parameter: string, message: string): Problem => ({
  code: 'WORKFLOW_INVALID',
  message,
  node,
  parameter,
})

const isEmpty = (value: JsonValue | undefined): boolean => {
  if (isJsonObject(value)) return value['__rl'] === true && isEmpty(value['value'])
  return value == null || (typeof value === 'string' && value.trim() === '') || (Array.isArray(value) && value.length === 0)
}

/** A `=` at the beginning of a parameter that takes no expression, such as code, is an ordinary character. */
const withoutPlainTexts = (shown: JsonObject, properties: readonly NodeProperty[]): JsonObject => {
  const plain = new Set(properties.filter((property) => property.noDataExpression).map(({ name }) => name))
  return Object.fromEntries(Object.entries(shown).filter(([name]) => !plain.has(name)))
}

/** Problems of all expressions in these values; `parameter` is the path, such as `options.headers[0].value`. */
export const expressionProblems = (values: JsonObject, node: string, parse: ParseExpression): readonly Problem[] =>
  textsOf(values, '').flatMap(([parameter, text]): Problem[] => {
    const wrong = text.startsWith('=') ? parse(text) : undefined
    if (!wrong) return []
    const message = `the expression does not parse: ${wrong.message} at position ${wrong.position}`
    return [{ code: 'EXPRESSION_INVALID', message, node, parameter }]
  })

/** Every text in a value, with its path. */
export const textsOf = (value: JsonValue | undefined, path: string): readonly (readonly [path: string, text: string])[] => {
  if (typeof value === 'string') return [[path, value]]
  if (Array.isArray(value)) return value.flatMap((entry: JsonValue, index) => textsOf(entry, `${path}[${index}]`))
  if (!isJsonObject(value)) return []
  return Object.entries(value).flatMap(([key, member]) => textsOf(member, path === '' ? key : `${path}.${key}`))
}
