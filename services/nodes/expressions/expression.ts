import './patterns/linear-regex.ts'
import { type Problem, WeConnectError } from '@weconnect/contracts/errors'
import type { JsonValue } from '@weconnect/contracts/json'
import { Evaluation } from './budget.ts'
import { toText } from './coerce.ts'
import { compileExpression as compileNode } from './compile/compile-expression.ts'
import { compileFunction } from './compile/compile-function.ts'
import { compilePattern } from './compile/compile-pattern.ts'
import { compileStatement } from './compile/compile-statement.ts'
import type { Compilers, Surroundings } from './compile/compiler.ts'
import { directPath, notDirect } from './compile/direct-path.ts'
import { parseBlock } from './compile/parse.ts'
import { Block, Layout, newFrame } from './compile/variables.ts'
import { failed, invalid, isStackOverflow, overBudget, Passage } from './errors.ts'
import { toPlain } from './plain.ts'
import type { Scope } from './scope.ts'
import { splitTemplate, type TemplatePart } from './template.ts'
import type { Compute, Frame } from './values.ts'

export interface CompiledExpression {
  /**
   * The value as JSON data: dates as ISO texts, functions left out.
   * @throws WeConnectError EXPRESSION_FAILED, EXPRESSION_BUDGET; and whatever the run scope throws, unchanged
   */
  evaluate(scope: Scope): JsonValue | undefined
  /** The value before it is made JSON: it may hold dates, DateTimes, NaN, errors. For the conformance rows. */
  evaluateValue(scope: Scope): unknown
}

const compilers: Compilers = { expression: compileNode, statement: compileStatement, function: compileFunction, pattern: compilePattern }

type Part = (evaluation: Evaluation) => unknown

const noFrame: Frame = []

const compileBlock = (code: string, position: number, program: { mutates: boolean }): Part => {
  const tree = parseBlock(code, position)
  if (tree === undefined) return () => undefined
  const layout = new Layout()
  const at: Surroundings = {
    compilers,
    position,
    program,
    block: new Block(layout, undefined, true),
    inLoop: false,
    inSwitch: false,
    inFunction: false,
  }
  const compute: Compute = guardDepth(() => compileNode(tree, at), position)
  return layout.size === 1 ? (evaluation) => compute(evaluation, noFrame) : (evaluation) => compute(evaluation, newFrame(layout, undefined))
}

const guardDepth = <T>(compile: () => T, position: number): T => {
  try {
    return compile()
  } catch (error) {
    if (isStackOverflow(error)) throw invalid('The expression is nested too deep', position)
    throw error
  }
}

/** As in n8n, what goes wrong inside a block makes the block undefined, unless the user should be told. */
const quiet =
  (part: Part): Part =>
  (evaluation) => {
    const mark = evaluation.mark()
    try {
      return part(evaluation)
    } catch (error) {
      if (error instanceof WeConnectError || error instanceof Passage) throw error
      if (isStackOverflow(error)) throw overBudget('Calls are nested too deep')
      evaluation.restore(mark)
      return undefined
    }
  }

const mixed =
  (parts: readonly (string | Part)[]): Part =>
  (evaluation) => {
    let text = ''
    for (const part of parts) {
      const value = typeof part === 'string' ? part : part(evaluation)
      const words = value === null || value === undefined ? '' : toText(evaluation, value)
      evaluation.chargeText(text.length + words.length)
      text += words
    }
    return text
  }

interface Program extends CompiledExpression {
  readonly run: Part
  readonly mutates: boolean
}

const compileProgram = (text: string): Program => {
  const program = { mutates: false }
  const blocks = splitTemplate(text.slice(1), 1)
  const parts = blocks.map((part) => (part.kind === 'text' ? part.text : quiet(compileBlock(part.code, part.position, program))))
  const [first] = parts
  const run = parts.length === 1 && typeof first === 'function' ? first : quiet(mixed(parts))
  const { mutates } = program
  return {
    run,
    mutates,
    evaluate: evaluatorOf(run, mutates, blocks),
    evaluateValue: (scope) => evaluateProgram(run, mutates, scope, asIs),
  }
}

const evaluatorOf = (run: Part, mutates: boolean, blocks: readonly TemplatePart[]): Program['evaluate'] => {
  const [first] = blocks
  const tree = blocks.length === 1 && first?.kind === 'code' ? parseBlock(first.code, first.position) : undefined
  const direct = tree && directPath(tree)
  if (direct === undefined) return (scope) => evaluateProgram(run, mutates, scope, asJson)
  return (scope) => {
    const value = direct(scope)
    return value === notDirect ? evaluateProgram(run, mutates, scope, asJson) : value
  }
}

/** Evaluates a parameter's own expression inside another evaluation: same budget, copies as that program needs them. */
const evaluateWithin = (text: string, evaluation: Evaluation): unknown => {
  const program = programOf(text)
  const { copiesInput } = evaluation
  evaluation.copiesInput = copiesInput || program.mutates
  const value = program.run(evaluation)
  evaluation.copiesInput = copiesInput
  return value
}

const evaluateProgram = <T>(run: Part, mutates: boolean, scope: Scope, finish: (evaluation: Evaluation, value: unknown) => T): T => {
  const evaluation = new Evaluation(scope, mutates, evaluateWithin)
  try {
    return finish(evaluation, run(evaluation))
  } catch (error) {
    if (error instanceof Passage) throw error.cause
    if (error instanceof WeConnectError) throw error
    throw isStackOverflow(error) ? overBudget('The value is nested too deep') : failed('The value cannot be used')
  }
}

const asJson = (evaluation: Evaluation, value: unknown): JsonValue | undefined => toPlain(evaluation, value)
const asIs = (_: Evaluation, value: unknown): unknown => value

const keptPrograms = 10_000
const programs = new Map<string, Program>()

/** Least recently used first: a program that is used again moves to the end. */
const programOf = (text: string): Program => {
  const known = programs.get(text)
  if (known !== undefined) {
    programs.delete(text)
    programs.set(text, known)
    return known
  }
  const program = compileProgram(text)
  if (programs.size >= keptPrograms) programs.delete(programs.keys().next().value as string)
  programs.set(text, program)
  return program
}

/**
 * Compiles a parameter once; later calls with the same text answer from memory. A text without a leading `=` is itself.
 * @throws WeConnectError EXPRESSION_INVALID with the position as its problem's path
 */
export const compileExpression = (text: string): CompiledExpression => {
  if (!text.startsWith('=')) return { evaluate: () => text, evaluateValue: () => text }
  return programOf(text)
}

/** What is wrong with a text that should be an expression; undefined when it compiles. */
export const parseExpression = (text: string): { readonly message: string; readonly position: number } | undefined => {
  try {
    compileExpression(text)
    return undefined
  } catch (error) {
    if (!(error instanceof WeConnectError)) throw error
    const problem: Problem | undefined = error.problems[0]
    return { message: error.message, position: Number(problem?.path ?? 0) }
  }
}
