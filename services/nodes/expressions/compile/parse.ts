import { type Expression, parseExpressionAt, tokenizer } from 'acorn'
import { limits } from '../budget.ts'
import { invalid } from '../errors.ts'

const options = { ecmaVersion: 2025, sourceType: 'script', preserveParens: true } as const

/** Only `;` and comments may follow the expression. */
const checkRest = (code: string, from: number, position: number): void => {
  for (const token of tokenizer(code.slice(from), options)) {
    if (token.type.label !== ';') throw invalid('invalid syntax', position + from + token.start)
  }
}

const positionOf = (error: unknown): number => (error instanceof SyntaxError && 'pos' in error ? Number(error.pos) : 0)

/**
 * The syntax tree of one block; undefined for an empty one.
 * @param position of the block in the text, for messages
 * @throws WeConnectError EXPRESSION_INVALID
 */
export const parseBlock = (code: string, position: number): Expression | undefined => {
  if (code.length > limits.sourceLength) throw invalid(`The expression is longer than ${limits.sourceLength} characters`, position)
  if (code.trim() === '') return undefined
  try {
    const tree = parseExpressionAt(code, 0, options)
    checkRest(code, tree.end, position)
    return tree
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof RangeError) throw invalid('invalid syntax', position + positionOf(error))
    throw error
  }
}
