import { parseArgs } from 'node:util'
import { parseName } from '../arguments.ts'
import { allWorkflows, findWorkflow } from '../find-workflow.ts'
import { graphql } from '../graphql.ts'
import { connect, instanceOptions } from '../instance.ts'
import { table } from '../table.ts'

export const listWorkflows = async (args: readonly string[]): Promise<number> => {
  const { values } = parseArgs({ args: [...args], options: instanceOptions })
  const found = await allWorkflows(await connect(values))
  if (values.json) console.log(JSON.stringify(found))
  else if (found.length === 0) console.log('No workflows yet: ./weconnect import examples/workflows/hello-webhook.json')
  else
    console.log(
      table(
        ['ID', 'NAME', 'STATUS', 'VERSION'],
        found.map(({ id, name, status, version }) => [id, name, status, String(version)]),
      ),
    )
  return 0
}

/** Prints the n8n JSON of a workflow. */
export const exportWorkflow = async (args: readonly string[]): Promise<number> => {
  const { values, name } = parseName(args, instanceOptions)
  const connection = await connect(values)
  const { id } = await findWorkflow(connection, name)
  const answer = await graphql<{ exportWorkflow: unknown }>(connection, 'query ($id: ID!) { exportWorkflow(id: $id) }', { id })
  console.log(JSON.stringify(answer.exportWorkflow, null, 2))
  return 0
}
