import type { AnyNode, ArrowFunctionExpression, Expression, FunctionDeclaration, FunctionExpression, Pattern, Statement } from 'acorn'
import type { Evaluation } from '../budget.ts'
import { invalid } from '../errors.ts'
import type { Compute, Frame } from '../values.ts'
import type { Block } from './variables.ts'

/** How a statement ended. */
export const completion = { normal: 0, break: 1, continue: 2, return: 3 } as const
export type Completion = (typeof completion)[keyof typeof completion]
export type Step = (evaluation: Evaluation, frame: Frame) => Completion
/** Puts a value into variables or members. */
export type Store = (evaluation: Evaluation, frame: Frame, value: unknown) => void

export type FunctionNode = ArrowFunctionExpression | FunctionExpression | FunctionDeclaration
export type Declares = 'const' | 'let' | 'var' | undefined

/** The compilers of the grammar's parts, handed down so that their files need not import each other. */
export interface Compilers {
  expression(node: Expression, at: Surroundings): Compute
  statement(node: Statement, at: Surroundings): Step
  function(node: FunctionNode, at: Surroundings, name: string): Compute
  /** `constant`: the pattern declares constants; undefined: it assigns to what exists. */
  pattern(node: Pattern, at: Surroundings, declares: Declares): Store
}

export interface Surroundings {
  readonly compilers: Compilers
  readonly block: Block
  /** Position of the block in the text. */
  readonly position: number
  readonly inLoop: boolean
  readonly inSwitch: boolean
  readonly inFunction: boolean
  /** Findings about the whole program. */
  readonly program: { mutates: boolean }
}

export const refuse = (node: AnyNode, at: Surroundings, what: string): never => {
  throw invalid(`${what} cannot be used in expressions`, at.position + node.start)
}

export const withoutParentheses = (node: Expression): Expression =>
  node.type === 'ParenthesizedExpression' ? withoutParentheses(node.expression) : node

/** Cost of one turn of a loop or one call: grows with the source, so that a long body pays for its length. */
export const weight = (node: AnyNode): number => 4 + ((node.end - node.start) >> 2)
