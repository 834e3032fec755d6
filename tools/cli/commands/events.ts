import { isWeConnectError, WeConnectError } from '@weconnect/contracts/errors'
import { parseOne } from '../arguments.ts'
import { graphql } from '../graphql.ts'
import { type Connection, connect, instanceOptions } from '../instance.ts'
import { milliseconds, table } from '../table.ts'

interface EventRow {
  readonly id: string
  readonly type: string
  readonly revision: number
  readonly position: string
  readonly time: string
  readonly data: Readonly<Record<string, unknown>>
}
interface Page {
  readonly events: {
    readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string | null }
    readonly edges: readonly { readonly node: EventRow }[]
  }
}

const query = `query ($id: ID!, $after: String) {
  events(executionId: $id, first: 100, after: $after) { pageInfo { hasNextPage endCursor } edges { node { id type revision position time data } } }
}`

const readEvents = async (connection: Connection, id: string): Promise<EventRow[]> => {
  const rows: EventRow[] = []
  for (let after: string | null = null, more = true; more; ) {
    const { events }: Page = await graphql<Page>(connection, query, { id, after })
    rows.push(...events.edges.map(({ node }) => node))
    after = events.pageInfo.endCursor
    more = events.pageInfo.hasNextPage
  }
  return rows
}

/** The stream of an execution: time, event, step, duration, size of the data in bytes. */
export const events = async (args: readonly string[]): Promise<number> => {
  const { values, word: id } = parseOne(args, instanceOptions, 'execution, by its id')
  const rows = await readEvents(await connect(values), id).catch((error: unknown) => {
    throw isWeConnectError(error, 'NOT_FOUND') ? new WeConnectError('NOT_FOUND', `There is no execution ${id}`, { cause: error }) : error
  })
  console.log(values.json ? JSON.stringify(rows) : table(['REV', 'TIME', 'EVENT', 'STEP', 'DURATION', 'BYTES'], rows.map(cells)))
  return 0
}

const cells = ({ revision, time, type, data }: EventRow): string[] => {
  const step = typeof data['step'] === 'number' ? `${data['step']} ${typeof data['nodeName'] === 'string' ? data['nodeName'] : ''}` : ''
  const duration = typeof data['durationMs'] === 'number' ? milliseconds(data['durationMs']) : ''
  return [String(revision), time, type, step, duration, String(JSON.stringify(data).length)]
}
