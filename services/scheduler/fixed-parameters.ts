import { createHash } from 'node:crypto'
import { isJsonObject, type JsonObject, type JsonValue } from '@weconnect/contracts/json'
import { compileExpression } from '@weconnect/nodes/expressions/expression'
import { noRun } from '@weconnect/nodes/expressions/no-run'
import type { Scope } from '@weconnect/nodes/expressions/scope'
import type { WorkflowNode } from '@weconnect/workflows/model'

export interface ActivationFacts {
  readonly workflow: { readonly id: string; readonly name: string }
  /** Published version that is activated. */
  readonly version: number
  readonly timezone: string
  /** ISO 8601. */
  readonly now: string
}

/**
 * The parameters of a trigger with their expressions evaluated, as n8n does at the activation: there are no items. Chance follows from workflow, node and
 * version, so that doing it again gives the same. @throws WeConnectError EXPRESSION_FAILED, EXPRESSION_INVALID
 */
export const fixedParameters = (node: WorkflowNode, facts: ActivationFacts): JsonObject => {
  let drawn = 0
  const random = (): number => {
    drawn += 1
    const digest = createHash('sha256').update(`${facts.workflow.id}/${node.nodeId}/${facts.version}/${drawn}`).digest()
    return digest.readUInt32LE(0) / 4_294_967_296
  }
  const { nodeId: id, name, nodeType: type, typeVersion, parameters } = node
  const scope: Scope = {
    run: noRun,
    items: [],
    itemIndex: 0,
    runIndex: 0,
    node: { id, name, type, typeVersion, parameters },
    workflow: { ...facts.workflow, active: true },
    execution: { id: '', mode: 'production', customData: {} },
    variables: {},
    now: facts.now,
    timezone: facts.timezone,
    random,
  }
  const fixed = (value: JsonValue): JsonValue => {
    if (typeof value === 'string') return value.startsWith('=') ? (compileExpression(value).evaluate(scope) ?? null) : value
    if (Array.isArray(value)) return value.map(fixed)
    return isJsonObject(value) ? Object.fromEntries(Object.entries(value).map(([key, member]) => [key, fixed(member ?? null)])) : value
  }
  return fixed(parameters) as JsonObject
}
