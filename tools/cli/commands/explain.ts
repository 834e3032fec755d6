import { parseOne } from '../arguments.ts'
import { graphql } from '../graphql.ts'
import { connect, instanceOptions } from '../instance.ts'

const query = 'query ($id: ID!) { explainExecution(id: $id) { executionId status kind message heldBy ahead until step nodeName worker } }'

/** Why an execution stands where it stands. */
export const explain = async (args: readonly string[]): Promise<number> => {
  const { values, word: id } = parseOne(args, instanceOptions, 'execution, by its id')
  const { explainExecution } = await graphql<{ explainExecution: { status: string; message: string } }>(await connect(values), query, {
    id,
  })
  console.log(values.json ? JSON.stringify(explainExecution) : `${explainExecution.status}: ${explainExecution.message}`)
  return 0
}
