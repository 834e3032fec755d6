import { randomUUID } from 'node:crypto'
import type { JsonObject } from '@weconnect/contracts/json'
import type { TestInstance } from './gateway-fixture.ts'

/** An n8n file whose webhook is followed by nothing: it answers with what it was given. */
export const webhookFile = (path: string, parameters: JsonObject, credentials?: JsonObject): JsonObject => ({
  name: `Workflow ${randomUUID()}`,
  nodes: [
    {
      ...{ id: 'n0', name: 'Webhook', type: 'n8n-nodes-base.webhook', typeVersion: 2, position: [0, 0] },
      parameters: { path, httpMethod: 'POST', responseMode: 'lastNode', ...parameters },
      ...(credentials && { credentials }),
    },
  ],
  connections: {},
  settings: { executionOrder: 'v1' },
})

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
