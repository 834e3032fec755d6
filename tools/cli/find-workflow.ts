import { WeConnectError } from '@weconnect/contracts/errors'
import { everyPage } from './every-page.ts'
import type { Connection } from './instance.ts'

export interface FoundWorkflow {
  readonly id: string
  readonly name: string
  readonly status: string
  readonly version: number
  readonly activeVersion: number
}
const query = `query ($after: String) { workflows(first: 100, after: $after) { pageInfo { hasNextPage endCursor } edges { node { id name status version activeVersion } } } }`

export const allWorkflows = (connection: Connection): Promise<FoundWorkflow[]> => everyPage(connection, query)

/** A workflow by id, by its whole name, or by the beginning of its name when that fits one only. @throws WeConnectError NOT_FOUND, INVALID_INPUT */
export const findWorkflow = async (connection: Connection, wanted: string): Promise<FoundWorkflow> => {
  const all = await allWorkflows(connection)
  const exact = all.filter(({ id, name }) => id === wanted || name === wanted)
  const found =
    exact.length > 0 ? exact : all.filter(({ id, name }) => id.startsWith(wanted) || name.toLowerCase().startsWith(wanted.toLowerCase()))
  if (found.length === 1) return found[0]!
  if (found.length === 0) throw new WeConnectError('NOT_FOUND', `There is no workflow "${wanted}" (./weconnect workflows lists them)`)
  throw new WeConnectError(
    'INVALID_INPUT',
    `"${wanted}" fits ${found.length} workflows; name one by its id:\n${found.map(({ id, name }) => `  ${id}  ${name}`).join('\n')}`,
  )
}
