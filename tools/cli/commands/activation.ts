import { parseName } from '../arguments.ts'
import { findWorkflow } from '../find-workflow.ts'
import { graphql } from '../graphql.ts'
import { type Connection, connect, instanceOptions } from '../instance.ts'

interface Activated {
  readonly workflow: { readonly name: string; readonly activeVersion: number }
  readonly position: string
}
interface Listening {
  readonly webhooks: { readonly edges: readonly { readonly node: { readonly method: string; readonly path: string } }[] }
}

const chosen = async (args: readonly string[]) => {
  const { values, name } = parseName(args, instanceOptions)
  const connection = await connect(values)
  return { connection, workflow: await findWorkflow(connection, name), json: values.json === true }
}

export const activate = async (args: readonly string[]): Promise<number> => {
  const { connection, workflow, json } = await chosen(args)
  const mutation = 'mutation ($id: ID!) { activateWorkflow(workflowId: $id) { workflow { name activeVersion } position } }'
  const { activateWorkflow } = await graphql<{ activateWorkflow: Activated }>(connection, mutation, { id: workflow.id })
  const urls = await webhookUrls(connection, workflow.id, activateWorkflow.position)
  if (json) console.log(JSON.stringify({ id: workflow.id, ...activateWorkflow.workflow, urls }))
  else
    console.log(
      [`"${workflow.name}" is active with version ${activateWorkflow.workflow.activeVersion}`, ...urls.map((url) => `  ${url}`)].join('\n'),
    )
  return 0
}

const webhookUrls = async (connection: Connection, workflowId: string, atLeast: string): Promise<string[]> => {
  const query =
    'query ($workflowId: ID!, $atLeast: Position) { webhooks(filter: { workflowId: $workflowId, isActive: true }, first: 100, atLeast: $atLeast) { edges { node { method path } } } }'
  const { webhooks } = await graphql<Listening>(connection, query, { workflowId, atLeast })
  return webhooks.edges.map(({ node }) => `${node.method} ${connection.url}/webhook/${node.path}`)
}

export const deactivate = async (args: readonly string[]): Promise<number> => {
  const { connection, workflow, json } = await chosen(args)
  await graphql(connection, 'mutation ($id: ID!) { deactivateWorkflow(workflowId: $id) { version } }', { id: workflow.id })
  console.log(json ? JSON.stringify({ id: workflow.id, activeVersion: 0 }) : `"${workflow.name}" is inactive`)
  return 0
}
