import { randomUUID } from 'node:crypto'
import { connect } from 'node:net'
import type { JsonObject } from '@weconnect/contracts/json'
import type { TestInstance } from './gateway-fixture.ts'

export interface GivenNode {
  /** Without the prefix `n8n-nodes-base.` */
  readonly type: string
  readonly version?: number
  readonly parameters?: JsonObject
  /** References by credential type. */
  readonly credentials?: JsonObject
}
export interface GivenWebhook extends Omit<GivenNode, 'type'> {
  readonly webhookId?: string
  /** Nodes behind the webhook, one after the other. */
  readonly steps?: readonly GivenNode[]
}

/** An n8n file of a webhook and what follows; by default it takes a POST and answers with its last node. */
export const webhookFile = (
  path: string,
  { version = 2, webhookId, parameters, credentials, steps = [] }: GivenWebhook = {},
): JsonObject => {
  const webhook = { type: 'webhook', version, parameters: { path, httpMethod: 'POST', responseMode: 'lastNode', ...parameters } }
  const nodes = [{ ...webhook, ...(webhookId && { webhookId }), ...(credentials && { credentials }) }, ...steps].map(
    ({ type, version: typeVersion = 1, parameters: own = {}, ...rest }: GivenNode, index) => ({
      ...rest,
      ...{ id: `n${index}`, name: `N${index}`, type: `n8n-nodes-base.${type}`, typeVersion, position: [0, 0], parameters: own },
    }),
  )
  const wire = (index: number) => [{ node: `N${index}`, type: 'main', index: 0 }]
  const connections = Object.fromEntries(steps.map((_, index) => [`N${index}`, { main: [wire(index + 1)] }]))
  return { name: `Workflow ${randomUUID()}`, nodes: nodes as never, connections, settings: { executionOrder: 'v1' } }
}

/** @throws Error with what GraphQL said */
const first = <Value>(answer: { readonly data: Value; readonly errors: readonly unknown[] }): Value => {
  if (answer.errors.length > 0) throw new Error(JSON.stringify(answer.errors))
  return answer.data
}

export const importOn = async (instance: TestInstance, file: JsonObject): Promise<string> => {
  const mutation = 'mutation ($json: JSON!) { importWorkflow(json: $json) { workflows { workflow { id } } } }'
  return first(await instance.graphql(mutation, { json: file })).importWorkflow.workflows[0].workflow.id
}
export const activateOn = async (instance: TestInstance, id: string): Promise<void> =>
  void first(await instance.graphql('mutation ($id: ID!) { activateWorkflow(workflowId: $id) { version } }', { id }))

/** @returns a reference for a node */
export const credentialOn = async (instance: TestInstance, type: string, data: JsonObject): Promise<JsonObject> => {
  const mutation = 'mutation ($input: CreateCredentialInput!) { createCredential(input: $input) { credential { id } } }'
  const { createCredential } = first(await instance.graphql(mutation, { input: { name: `C ${randomUUID()}`, type, data } }))
  return { [type]: { id: createCredential.credential.id, name: 'C' } }
}

type Json = Record<string, unknown>
export const jsonOf = async (response: Response): Promise<Json> => (await response.json()) as Json
/** The status, and the code of the error if there is one. */
export const codeOf = async (response: Response): Promise<unknown[]> => [
  response.status,
  ((await jsonOf(response))['error'] as Json)?.['code'],
]

interface StartedExecution {
  readonly id: string
  readonly status: string
  readonly workflowVersion: number
}

/** What callers do with the webhooks of an instance. */
export const webhooksOf = (instance: TestInstance) => {
  /** An active workflow; its path is a new one when none is given. */
  const live = async ({ path = randomUUID(), ...given }: GivenWebhook & { readonly path?: string } = {}) => {
    const workflowId = await importOn(instance, webhookFile(path, given))
    await activateOn(instance, workflowId)
    return { path, workflowId }
  }
  const call = (path: string, init: RequestInit = {}): Promise<Response> =>
    fetch(`${instance.url}/webhook/${path}`, { method: 'POST', redirect: 'manual', ...init })
  const post = (path: string, body: string | Buffer | FormData, type?: string): Promise<Response> =>
    call(path, { body, ...(type !== undefined && { headers: { 'content-type': type } }) })
  const executionsOf = async (workflowId: string): Promise<readonly StartedExecution[]> => {
    const requested = (await instance.journal.readAll({ limit: 100_000 })).filter(
      ({ type, data }) => type === 'ExecutionRequested' && (data as Json)['workflowId'] === workflowId,
    )
    const query = 'query ($id: ID!) { execution(id: $id) { id status workflowVersion } }'
    return Promise.all(
      requested.map(async ({ data }) => (await instance.graphql(query, { id: (data as Json)['executionId'] })).data.execution),
    )
  }
  /** Sends bytes as they are and collects what comes until the connection closes. */
  const raw = (text: string, end = false): Promise<string> =>
    new Promise((resolve) => {
      const socket = connect(Number(new URL(instance.url).port), '127.0.0.1', () => (end ? socket.end(text) : socket.write(text)))
      let answer = ''
      socket.on('data', (chunk) => {
        answer += chunk
      })
      socket.on('error', () => undefined)
      socket.on('close', () => resolve(answer))
    })
  return { live, call, post, raw, executionsOf, head: (): Promise<unknown> => instance.journal.head() }
}
