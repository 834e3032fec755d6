import { isWeConnectError, WeConnectError } from '@weconnect/contracts/errors'
import type { JsonValue } from '@weconnect/contracts/json'
import { compileExpression } from '../expressions/expression.ts'
import type { Scope } from '../expressions/scope.ts'
import type { EvaluatedAnswer, NodeAnswer, PairedAnswer, Query } from './runner/step.ts'

export type CodeScope = Omit<Scope, 'itemIndex'>

const nodeAnswer = ({ run }: CodeScope, name: string): NodeAnswer =>
  run.hasNode(name)
    ? {
        exists: true,
        lastRun: run.lastRunOf(name),
        outputTowardsCurrent: run.outputTowardsCurrent(name),
        parameters: run.parametersOf(name) ?? {},
        context: run.contextOf(name),
      }
    : { exists: false, lastRun: -1, outputTowardsCurrent: 0, parameters: {}, context: {} }

const pairedAnswer = ({ run, items }: CodeScope, name: string): PairedAnswer => items.map((_item, index) => run.pairedItem(name, index))

/** What goes wrong in the expression is the code's to catch; data that is still to be loaded is not. */
const evaluated = (scope: CodeScope, text: string, itemIndex: number): EvaluatedAnswer => {
  try {
    const value = compileExpression(`=${text}`).evaluate({ ...scope, itemIndex })
    return value === undefined ? {} : { value }
  } catch (error) {
    if (!isWeConnectError(error)) throw error
    return { error: error.message }
  }
}

/** What the code may know of another node, and of an expression. The query comes from the user's side: nothing in it is trusted. */
export const answerQuery = (scope: CodeScope, query: Query): JsonValue => {
  switch (query.kind) {
    case 'node':
      return nodeAnswer(scope, String(query.node)) as unknown as JsonValue
    case 'output':
      return (scope.run.outputOf(String(query.node), Number(query.output), Number(query.run)) ?? null) as unknown as JsonValue
    case 'paired':
      return pairedAnswer(scope, String(query.node)) as unknown as JsonValue
    case 'evaluate':
      return evaluated(scope, String(query.text), Number(query.item)) as unknown as JsonValue
    default:
      throw new WeConnectError('CODE_FAILED', 'The code runner asked for something unknown')
  }
}

const reference =
  /\$(?:items)?\(\s*(["'`])((?:(?!\1)[^\\\n])*)\1|\$node\s*(?:\[\s*(["'`])((?:(?!\3)[^\\\n])*)\3\s*\]|\.([A-Za-z_$][\w$]*))/g

/** Names of nodes that stand literally in the code: `$('Name')`, `$items("Name")`, `$node["Name"]`, `$node.Name`. */
export const namesIn = (code: string): readonly string[] => [
  ...new Set([...code.matchAll(reference)].map((match) => match[2] ?? match[4] ?? match[5] ?? '')),
]

const wantsPairing = /\.(?:item|itemMatching|pairedItem)\b/

const likelyQueries = (scope: CodeScope, code: string, name: string): readonly Query[] => {
  const run = scope.run.lastRunOf(name)
  const about: Query = { kind: 'node', node: name }
  if (run < 0) return [about]
  const output: Query = { kind: 'output', node: name, output: scope.run.outputTowardsCurrent(name), run }
  return wantsPairing.test(code) ? [about, output, { kind: 'paired', node: name }] : [about, output]
}

/** Answers sent along with the code, so that it need not ask: those about nodes whose names stand in it. A name that is computed is asked for later. */
export const answersFor = (scope: CodeScope, code: string): Readonly<Record<string, JsonValue>> =>
  Object.fromEntries(
    namesIn(code)
      .filter((name) => scope.run.hasNode(name))
      .flatMap((name) => likelyQueries(scope, code, name))
      .map((query) => [JSON.stringify(query), answerQuery(scope, query)]),
  )
