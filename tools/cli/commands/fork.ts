import { parseOne } from '../arguments.ts'
import { graphql } from '../graphql.ts'
import { connect, type InstanceChoice, instanceOptions } from '../instance.ts'
import { jsonOption } from '../json-option.ts'

const mutation =
  'mutation ($id: ID!, $input: ForkExecutionInput) { forkExecution(id: $id, input: $input) { execution { id forkedAtStep } } }'

interface Forked {
  readonly forkExecution: { readonly execution: { readonly id: string; readonly forkedAtStep: number } }
}

const begin = async (
  values: InstanceChoice & { readonly json?: boolean | undefined },
  id: string,
  input: Readonly<Record<string, unknown>>,
): Promise<number> => {
  const { forkExecution } = await graphql<Forked>(await connect(values), mutation, { id, input })
  const { execution } = forkExecution
  console.log(values.json ? JSON.stringify(execution) : `started ${execution.id} from step ${execution.forkedAtStep} of ${id}`)
  return 0
}

/** Runs an ended execution again, from its beginning or from --from NODE or STEP; the steps before are taken over. */
export const fork = async (args: readonly string[]): Promise<number> => {
  const options = { ...instanceOptions, from: { type: 'string' }, newest: { type: 'boolean' }, input: { type: 'string' } } as const
  const { values, word: id } = parseOne(args, options, 'execution, by its id')
  const { from, newest, input } = values
  const point = from === undefined ? {} : /^\d+$/.test(from) ? { fromStep: Number(from) } : { fromNode: from }
  return begin(values, id, { ...point, newestVersion: newest, input: jsonOption('input', input, 'give an object, or a list of them') })
}

/** Runs a failed execution again from the step that failed. */
export const retry = async (args: readonly string[]): Promise<number> => {
  const { values, word: id } = parseOne(args, { ...instanceOptions, newest: { type: 'boolean' } } as const, 'execution, by its id')
  return begin(values, id, { fromFailedStep: true, newestVersion: values.newest })
}
