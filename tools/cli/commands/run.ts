import { parseName, parseOne } from '../arguments.ts'
import { findWorkflow } from '../find-workflow.ts'
import { graphql } from '../graphql.ts'
import { connect, instanceOptions } from '../instance.ts'
import { jsonOption } from '../json-option.ts'

/** Runs the draft from its manual trigger, or from --trigger NODE. */
export const runWorkflow = async (args: readonly string[]): Promise<number> => {
  const options = { ...instanceOptions, input: { type: 'string' }, trigger: { type: 'string' } } as const
  const { values, name } = parseName(args, options)
  const connection = await connect(values)
  const { id: workflowId } = await findWorkflow(connection, name)
  const mutation = 'mutation ($input: RunWorkflowInput!) { runWorkflow(input: $input) { execution { id } } }'
  const input = { workflowId, triggerNode: values.trigger, input: jsonOption('input', values.input, 'give an object, or a list of them') }
  const { runWorkflow: answer } = await graphql<{ runWorkflow: { execution: { id: string } } }>(connection, mutation, { input })
  console.log(values.json ? JSON.stringify(answer.execution) : `started ${answer.execution.id}`)
  return 0
}

/** Goes on with an execution that was paused, or ends its wait for a call. */
export const resumeExecution = async (args: readonly string[]): Promise<number> => {
  const { values, word: id } = parseOne(args, { ...instanceOptions, input: { type: 'string' } } as const, 'execution, by its id')
  const mutation = 'mutation ($id: ID!, $input: JSON) { resumeExecution(id: $id, input: $input) { execution { id } } }'
  await graphql(await connect(values), mutation, { id, input: jsonOption('input', values.input, 'give an object, or a list of them') })
  console.log(values.json ? JSON.stringify({ id }) : `${id} goes on`)
  return 0
}

export const cancelExecution = async (args: readonly string[]): Promise<number> => {
  const { values, word: id } = parseOne(args, instanceOptions, 'execution, by its id')
  await graphql(await connect(values), 'mutation ($id: ID!) { cancelExecution(id: $id) { execution { id } } }', { id })
  console.log(values.json ? JSON.stringify({ id }) : `asked ${id} to stop`)
  return 0
}
