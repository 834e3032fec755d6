import { parseName, wholeNumber } from '../arguments.ts'
import { findWorkflow } from '../find-workflow.ts'
import { graphql } from '../graphql.ts'
import { type Connection, connect, instanceOptions } from '../instance.ts'
import { stopRequested } from '../stop-requested.ts'
import { subscribe } from '../subscription.ts'
import { milliseconds } from '../table.ts'

interface Listening {
  readonly listenForTestWebhook: {
    readonly urls: readonly { readonly method: string; readonly path: string }[]
    readonly expiresAt: string
  }
}
interface Update {
  readonly executions: { readonly execution: Caught }
}
interface Caught {
  readonly id: string
  readonly status: string
  readonly triggerType: string
  readonly workflowVersion: number
  readonly durationMs: number | null
}

const mutation =
  'mutation ($id: ID!, $forSeconds: Int!) { listenForTestWebhook(workflowId: $id, forSeconds: $forSeconds) { urls { method path } expiresAt } }'
const stop = 'mutation ($id: ID!) { stopListeningForTestWebhook(workflowId: $id) }'
const updates =
  'subscription ($id: ID!) { executions(filter: { workflowId: $id }) { execution { id status triggerType workflowVersion durationMs } } }'
const open = ['pending', 'running']

/** Prints the test addresses, waits for one call, until the time is over or Ctrl-C, and says what came of it. Exit code 1 when nobody called, or the run failed. */
export const listen = async (args: readonly string[]): Promise<number> => {
  const { values, name } = parseName(args, { ...instanceOptions, for: { type: 'string' } })
  const forSeconds = wholeNumber('for', values.for, 120)
  const connection = await connect(values)
  const { id } = await findWorkflow(connection, name)
  await using subscription = subscribe<Update>(connection, updates, { id })
  const run = settled(subscription.updates)
  // Whatever ends this command is thrown where it is awaited.
  run.catch(() => undefined)
  const { listenForTestWebhook: given } = await graphql<Listening>(connection, mutation, { id, forSeconds })
  if (!values.json) console.log(announcement(connection, given))
  const caught = await Promise.race([run, expiry(given.expiresAt), stopRequested().then(() => undefined)])
  if (!caught) await graphql(connection, stop, { id })
  if (values.json) console.log(JSON.stringify(caught ?? null))
  else console.log(caught ? `${caught.id} ${caught.status} in ${milliseconds(caught.durationMs)}` : 'nobody called')
  return caught && caught.status !== 'failed' ? 0 : 1
}

const announcement = ({ url }: Connection, { urls, expiresAt }: Listening['listenForTestWebhook']): string =>
  ['waiting for one call of', ...urls.map(({ method, path }) => `  ${method} ${url}${path}`), `until ${expiresAt}`].join('\n')

/** The test run, when it has ended or waits. */
const settled = async (updates: AsyncIterable<Update>): Promise<Caught | undefined> => {
  for await (const { executions } of updates) {
    const { execution } = executions
    if (execution.workflowVersion === 0 && execution.triggerType === 'webhook' && !open.includes(execution.status)) return execution
  }
  return undefined
}

const expiry = (at: string): Promise<undefined> =>
  new Promise((resolve) => {
    // A call that came at the last moment may still run.
    setTimeout(() => resolve(undefined), Date.parse(at) - Date.now() + 1000).unref()
  })
