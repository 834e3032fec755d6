import { WeConnectError } from '@weconnect/contracts/errors'
import { type DocumentNode, type FragmentDefinitionNode, Kind, type SelectionSetNode } from 'graphql/index.js'

export const maxDepth = 15
/** Characters of a query; values belong into variables. */
const maxLength = 65_536
/** Brackets within each other, of input values as well: keeps the parser's recursion far from the end of the stack. */
const maxNesting = 200

/**
 * Looks at the text alone, before it is parsed.
 * @throws WeConnectError QUERY_TOO_COSTLY, QUERY_TOO_DEEP
 */
export const checkQueryText = (source: string): void => {
  if (source.length > maxLength)
    throw new WeConnectError('QUERY_TOO_COSTLY', `A query has at most ${maxLength} characters; put large values into variables`)
  let nesting = 0
  for (const character of source) {
    if (character === '{' || character === '[' || character === '(') nesting += 1
    else if (character === '}' || character === ']' || character === ')') nesting -= 1
    if (nesting > maxNesting) throw tooDeep('more than 200')
  }
}

const tooDeep = (depth: number | string) =>
  new WeConnectError('QUERY_TOO_DEEP', `The query is ${depth} levels deep; ${maxDepth} are allowed`)

/** @throws WeConnectError QUERY_TOO_DEEP. Before validation, which takes long for a deep query. Introspection is limited by graphql itself. */
export const checkDepth = (document: DocumentNode): void => {
  const fragments = new Map<string, FragmentDefinitionNode>()
  for (const definition of document.definitions)
    if (definition.kind === Kind.FRAGMENT_DEFINITION) fragments.set(definition.name.value, definition)
  const known = new Map<string, number>()

  const depthOfFragment = (name: string): number => {
    const fragment = fragments.get(name)
    if (fragment === undefined) return 0
    const depth = known.get(name)
    if (depth !== undefined) return depth
    // A cycle ends here; validation refuses it by name.
    known.set(name, 0)
    const measured = depthOf(fragment.selectionSet)
    known.set(name, measured)
    return measured
  }
  const depthOf = (set: SelectionSetNode | undefined): number => {
    let deepest = 0
    for (const selection of set?.selections ?? []) {
      if (selection.kind === Kind.FIELD && selection.name.value.startsWith('__')) continue
      const depth =
        selection.kind === Kind.FIELD
          ? 1 + depthOf(selection.selectionSet)
          : selection.kind === Kind.INLINE_FRAGMENT
            ? depthOf(selection.selectionSet)
            : depthOfFragment(selection.name.value)
      deepest = Math.max(deepest, depth)
    }
    return deepest
  }

  for (const definition of document.definitions) {
    const depth = definition.kind === Kind.OPERATION_DEFINITION ? depthOf(definition.selectionSet) : 0
    if (depth > maxDepth) throw tooDeep(depth)
  }
}
