import { graphql } from './graphql.ts'
import type { Connection } from './instance.ts'

export interface WebhookUrl {
  readonly method: string
  readonly url: string
}
interface Active {
  readonly webhooks: { readonly edges: readonly { readonly node: { readonly method: string; readonly path: string } }[] }
}

/** Where active workflows, or one of them, are called: the first hundred. @param atLeast position that the answer knows of */
export const webhookUrls = async (connection: Connection, workflowId?: string, atLeast?: string): Promise<readonly WebhookUrl[]> => {
  const query =
    'query ($filter: WebhookFilter, $atLeast: Position) { webhooks(filter: $filter, first: 100, atLeast: $atLeast) { edges { node { method path } } } }'
  const filter = { isActive: true, ...(workflowId !== undefined && { workflowId }) }
  const { webhooks } = await graphql<Active>(connection, query, { filter, ...(atLeast !== undefined && { atLeast }) })
  return webhooks.edges.map(({ node: { method, path } }) => ({ method, url: `${connection.url}/webhook/${path}` }))
}
