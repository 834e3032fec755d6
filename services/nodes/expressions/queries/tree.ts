import { createRequire } from 'node:module'

/** What jmespath's parser makes of a query; the children of a slice are its start, stop and step. */
export type QueryNode =
  | { readonly type: 'Field'; readonly name: string }
  | { readonly type: 'Index'; readonly value: number }
  | { readonly type: 'Literal'; readonly value: unknown }
  | { readonly type: 'Identity' | 'Current' }
  | { readonly type: 'Slice'; readonly children: readonly (number | null)[] }
  | { readonly type: 'MultiSelectHash'; readonly children: readonly { readonly name: string; readonly value: QueryNode }[] }
  | { readonly type: 'FilterProjection'; readonly children: readonly [list: QueryNode, each: QueryNode, condition: QueryNode] }
  | { readonly type: 'NotExpression' | 'Flatten' | 'ExpressionReference'; readonly children: readonly [QueryNode] }
  | { readonly type: 'Function' | 'Comparator'; readonly name: string; readonly children: readonly QueryNode[] }
  | { readonly type: 'MultiSelectList'; readonly children: readonly QueryNode[] }
  | { readonly type: TwoPart; readonly children: readonly [QueryNode, QueryNode] }

type TwoPart = 'Subexpression' | 'IndexExpression' | 'Pipe' | 'Projection' | 'ValueProjection' | 'OrExpression' | 'AndExpression'

interface Parser {
  compile(query: string): QueryNode
}

const maxLength = 5_000
let parser: Parser | undefined

/** @throws Error for a text that is no query */
export const parseQuery = (query: string): QueryNode => {
  if (query.length > maxLength) throw new RangeError('The query is too long')
  parser ??= createRequire(import.meta.url)('jmespath') as Parser
  return parser.compile(query)
}
