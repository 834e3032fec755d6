import { parseName, UsageError } from '../arguments.ts'
import { findWorkflow } from '../find-workflow.ts'
import { graphql } from '../graphql.ts'
import { connect, instanceOptions } from '../instance.ts'
import { jsonOption } from '../json-option.ts'

interface Answer {
  readonly workflow: { readonly settings: { readonly flowControl?: unknown } }
}

/** Shows what a workflow's draft declares of flow control, or changes it. */
export const flow = async (args: readonly string[]): Promise<number> => {
  const { values, name } = parseName(args, { ...instanceOptions, set: { type: 'string' }, clear: { type: 'boolean' } } as const)
  if (values.clear && values.set !== undefined) throw new UsageError('--set and --clear exclude each other')
  const flowControl = jsonOption('set', values.set, 'give an object as docs/flow-control.md has it')
  const connection = await connect(values)
  const { id } = await findWorkflow(connection, name)
  const changes = values.clear || flowControl !== undefined
  const mutation =
    'mutation ($id: ID!, $flowControl: JSON) { answer: changeFlowControl(workflowId: $id, flowControl: $flowControl) { workflow { settings } } }'
  const answer = changes
    ? (await graphql<{ answer: Answer }>(connection, mutation, { id, flowControl: flowControl ?? null })).answer
    : await graphql<Answer>(connection, 'query ($id: ID!) { workflow(id: $id) { settings } }', { id })
  const { flowControl: declared = null } = answer.workflow.settings
  if (values.json) console.log(JSON.stringify({ id, flowControl: declared }))
  else console.log(declared === null ? 'no flow control is declared' : JSON.stringify(declared, undefined, 2))
  return 0
}
