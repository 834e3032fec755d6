import { parseOne } from '../arguments.ts'
import { graphql } from '../graphql.ts'
import { connect, instanceOptions } from '../instance.ts'

interface Report {
  readonly equal: boolean
  readonly foldEqual: boolean
  readonly events: number
  readonly steps: number
  readonly durationMs: number
  readonly differences: readonly {
    readonly step: number
    readonly nodeName: string
    readonly path: string
    readonly recorded: unknown
    readonly replayed: unknown
  }[]
}

const mutation = `mutation ($id: ID!) { replayExecution(id: $id) {
  executionId equal foldEqual events steps durationMs differences { step nodeName path recorded replayed } } }`

/** Exit code 0 when the replay is equal, 1 when it differs. */
export const replay = async (args: readonly string[]): Promise<number> => {
  const { values, word: id } = parseOne(args, instanceOptions, 'execution, by its id')
  const { replayExecution: report } = await graphql<{ replayExecution: Report }>(await connect(values), mutation, { id })
  console.log(values.json ? JSON.stringify(report) : describe(report))
  return report.equal ? 0 : 1
}

const describe = ({ equal, foldEqual, events, steps, durationMs, differences }: Report): string => {
  const summary = `${events} events folded, ${steps} steps run again in ${Math.round(durationMs)} ms`
  if (equal) return `equal: ${summary}`
  const lines = differences.map(
    ({ step, nodeName, path, recorded, replayed }) =>
      `  step ${step} "${nodeName}" ${path}: recorded ${JSON.stringify(recorded)}, replayed ${JSON.stringify(replayed)}`,
  )
  return [`different: ${summary}`, ...(foldEqual ? [] : ['  the folded state is not what the last event says']), ...lines].join('\n')
}
