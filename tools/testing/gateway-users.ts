import { randomUUID } from 'node:crypto'
import { defaultOrganisationId } from '@weconnect/admin/admin'
import { openTokens } from '@weconnect/admin/tokens'
import { openKeyFile } from '@weconnect/secrets/key-file'
import { expect } from 'vitest'
import type { Answer, TestInstance } from './gateway-fixture.ts'

export const codes = ({ errors }: Answer): string[] => errors.map(({ extensions }) => extensions.code)

/** An n8n file that greets who is named. */
export const greetingFile = {
  name: 'Greeting',
  nodes: [
    { id: 'a', name: 'Start', type: 'n8n-nodes-base.manualTrigger', typeVersion: 1, position: [0, 0], parameters: {} },
    {
      id: 'b',
      name: 'Greet',
      type: 'n8n-nodes-base.set',
      typeVersion: 3.4,
      position: [200, 0],
      parameters: { assignments: { assignments: [{ id: 'x', name: 'greeting', type: 'string', value: '=Hello {{ $json.name }}' }] } },
    },
  ],
  connections: { Start: { main: [[{ node: 'Greet', type: 'main', index: 0 }]] } },
  settings: { executionOrder: 'v1' },
}

/** What a mutation of a workflow is asked for. */
export const created =
  'workflow { id name revision nodes { id name type configuration position { x y z } } connections { id } } position version'

/** What users of the API do, by hand. */
export const usersOf = (instance: TestInstance) => {
  const graphql = (query: string, variables?: object, token?: string | null): Promise<Answer> => instance.graphql(query, variables, token)
  const tokenOf = (role: 'admin' | 'editor' | 'viewer', organisationId: string = defaultOrganisationId): Promise<string> =>
    openTokens(openKeyFile(`${instance.folder}/keys.json`).derive('jwt')).issue({
      principal: { userId: randomUUID(), organisationId, role },
      tokenId: randomUUID(),
      nowMs: instance.parts.now(),
      ttlSeconds: 600,
    })

  const create = async (name: string, token?: string): Promise<{ id: string; position: string; version: number }> => {
    const { data } = await graphql(`mutation ($name: String!) { createWorkflow(input: {name: $name}) { ${created} } }`, { name }, token)
    const { workflow, position, version } = data.createWorkflow
    return { id: workflow.id, position, version }
  }

  const importGreeting = async (): Promise<string> => {
    const { data } = await graphql('mutation ($json: JSON!) { importWorkflow(json: $json) { workflows { workflow { id } } } }', {
      json: greetingFile,
    })
    return data.importWorkflow.workflows[0].workflow.id
  }
  const ran = async (): Promise<{ id: string; position: string }> => {
    const input = { workflowId: await importGreeting(), input: [{ json: { name: 'Ada' } }] }
    const { data } = await graphql('mutation ($input: RunWorkflowInput!) { runWorkflow(input: $input) { execution { id } position } }', {
      input,
    })
    const { execution, position } = data.runWorkflow
    await expect
      .poll(async () => (await graphql('query ($id: ID!) { execution(id: $id) { status } }', { id: execution.id })).data.execution.status)
      .toBe('completed')
    return { id: execution.id, position }
  }
  return { graphql, tokenOf, create, importGreeting, ran }
}
