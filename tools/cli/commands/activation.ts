import { parseName } from '../arguments.ts'
import { findWorkflow } from '../find-workflow.ts'
import { graphql } from '../graphql.ts'
import { connect, instanceOptions } from '../instance.ts'
import { webhookUrls } from '../webhook-urls.ts'

interface Activated {
  readonly workflow: { readonly name: string; readonly activeVersion: number }
  readonly position: string
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
  const found = await webhookUrls(connection, workflow.id, activateWorkflow.position)
  const urls = found.map(({ method, url }) => `${method} ${url}`)
  if (json) console.log(JSON.stringify({ id: workflow.id, ...activateWorkflow.workflow, urls }))
  else
    console.log(
      [`"${workflow.name}" is active with version ${activateWorkflow.workflow.activeVersion}`, ...urls.map((url) => `  ${url}`)].join('\n'),
    )
  return 0
}

export const deactivate = async (args: readonly string[]): Promise<number> => {
  const { connection, workflow, json } = await chosen(args)
  await graphql(connection, 'mutation ($id: ID!) { deactivateWorkflow(workflowId: $id) { version } }', { id: workflow.id })
  console.log(json ? JSON.stringify({ id: workflow.id, activeVersion: 0 }) : `"${workflow.name}" is inactive`)
  return 0
}
