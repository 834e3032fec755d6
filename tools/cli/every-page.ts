import { graphql } from './graphql.ts'
import type { Connection } from './instance.ts'

interface Page<Node> {
  readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string | null }
  readonly edges: readonly { readonly node: Node }[]
}

/**
 * All nodes of a list, asked for page by page.
 * @param query one list, with `$after`, and `pageInfo { hasNextPage endCursor } edges { node { ... } }`
 */
export const everyPage = async <Node>(
  connection: Connection,
  query: string,
  variables: Readonly<Record<string, unknown>> = {},
): Promise<Node[]> => {
  const found: Node[] = []
  for (let after: string | null = null, more = true; more; ) {
    const data: Readonly<Record<string, Page<Node>>> = await graphql(connection, query, { ...variables, after })
    const page = Object.values(data)[0]
    found.push(...(page?.edges.map(({ node }) => node) ?? []))
    after = page?.pageInfo.endCursor ?? null
    more = page?.pageInfo.hasNextPage ?? false
  }
  return found
}
