import { readFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { WeConnectError } from '@weconnect/contracts/errors'
import { graphql } from '../graphql.ts'
import { connect, instanceOptions } from '../instance.ts'

interface Imported {
  readonly importWorkflow: {
    readonly workflows: readonly {
      readonly workflow: { readonly id: string }
      readonly name: string
      readonly nodes: number
      readonly connections: number
      readonly notes: readonly {
        readonly node: string | null
        readonly nodeType: string | null
        readonly kind: string
        readonly message: string
      }[]
    }[]
  }
}

const mutation = `mutation ($json: JSON!) { importWorkflow(json: $json) { workflows { workflow { id } name nodes connections notes { node nodeType kind message } } } }`

const parse = (file: string): unknown => {
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch (error) {
    throw new WeConnectError('INVALID_INPUT', `${file} cannot be read`, { cause: error })
  }
  try {
    return JSON.parse(text)
  } catch (error) {
    throw new WeConnectError('MALFORMED_JSON', `${file} is not valid JSON: ${error instanceof Error ? error.message : ''}`, {
      cause: error,
    })
  }
}

export const importFiles = async (args: readonly string[]): Promise<number> => {
  const { values, positionals } = parseArgs({ args: [...args], options: instanceOptions, allowPositionals: true })
  if (positionals.length === 0) throw new WeConnectError('INVALID_INPUT', 'Name the files to import: ./weconnect import FILE.json ...')
  const files = positionals.map((file) => ({ file, json: parse(file) }))
  const connection = await connect(values)
  const reports: (Imported['importWorkflow']['workflows'][number] & { readonly file: string })[] = []
  for (const { file, json } of files) {
    const { importWorkflow } = await graphql<Imported>(connection, mutation, { json })
    reports.push(...importWorkflow.workflows.map((workflow) => ({ file, ...workflow })))
  }
  console.log(values.json ? JSON.stringify(reports) : reports.map(describe).join('\n'))
  return 0
}

const marks: Readonly<Record<string, string>> = { notRunnable: 'cannot run yet', changed: 'changed', warning: 'warning' }

const describe = ({ name, workflow, nodes, connections, notes }: Imported['importWorkflow']['workflows'][number]): string =>
  [
    `imported "${name}" (${nodes} nodes, ${connections} connections) as ${workflow.id}`,
    ...notes.map(
      ({ node, nodeType, kind, message }) =>
        `  ${marks[kind] ?? kind}: ${node ? `"${node}"${nodeType ? ` (${nodeType})` : ''}: ` : ''}${message}`,
    ),
  ].join('\n')
