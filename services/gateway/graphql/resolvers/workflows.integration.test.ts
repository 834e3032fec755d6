import { randomUUID } from 'node:crypto'
import { startTestInstance } from '@weconnect/testing/gateway-fixture'
import { codes, greetingFile, usersOf } from '@weconnect/testing/gateway-users'
import { afterAll, describe, expect, test } from 'vitest'

const instance = await startTestInstance()
afterAll(() => instance.close())
const { graphql, tokenOf, create } = usersOf(instance)

describe('workflows', () => {
  test('every edit answers the workflow, its position and the version that the next edit expects', async () => {
    const { id, version } = await create('Edited')
    let expected = version
    const edit = async (mutation: string, variables: object, types: string, fields: string) => {
      const query = `mutation ($id: ID!, $v: Int${types}) { answer: ${mutation} { position version workflow { revision status name tags version activeVersion } ${fields} } }`
      const answer = await graphql(query, { id, v: expected, ...variables })
      expect(answer.errors).toEqual([])
      expect(answer.data.answer.version).toBeGreaterThanOrEqual(expected)
      expect(answer.data.answer.workflow.revision).toBe(answer.data.answer.version)
      expected = answer.data.answer.version
      return answer.data.answer
    }
    await edit('renameWorkflow(workflowId: $id, name: "Renamed", expectedVersion: $v)', {}, '', '')
    await edit('describeWorkflow(workflowId: $id, description: "text", expectedVersion: $v)', {}, '', '')
    await edit('tagWorkflow(workflowId: $id, tags: ["a", "b"], expectedVersion: $v)', {}, '', '')
    await edit('categoriseWorkflow(workflowId: $id, category: "c", expectedVersion: $v)', {}, '', '')
    await edit('categoriseWorkflow(workflowId: $id, category: null, expectedVersion: $v)', {}, '', '')
    await edit('markTemplate(workflowId: $id, isTemplate: true, metadata: {a: 1}, expectedVersion: $v)', {}, '', '')
    await edit('changeSettings(workflowId: $id, settings: {executionOrder: "v1"}, expectedVersion: $v)', {}, '', '')
    const node = (name: string, type: string) =>
      edit(
        'addNode(workflowId: $id, input: $input, expectedVersion: $v)',
        { input: { name, type } },
        ', $input: AddNodeInput!',
        'node { id name type typeVersion timeoutMs category }',
      )
    const start = await node('Start', 'n8n-nodes-base.manualTrigger')
    const noOp = await node('Nothing', 'n8n-nodes-base.noOp')
    expect(noOp.node).toMatchObject({ name: 'Nothing', typeVersion: 1, timeoutMs: 30_000, category: expect.any(String) })
    const n = { n: noOp.node.id }
    await edit(
      'configureNode(workflowId: $id, nodeId: $n, input: {options: {notes: "x"}}, expectedVersion: $v)',
      n,
      ', $n: ID!',
      'node { uiMetadata }',
    )
    await edit(
      'moveNode(workflowId: $id, nodeId: $n, position: {x: 10, y: 20}, expectedVersion: $v)',
      n,
      ', $n: ID!',
      'node { position { x y z } }',
    )
    const renamed = await edit(
      'renameNode(workflowId: $id, nodeId: $n, name: "Idle", expectedVersion: $v)',
      n,
      ', $n: ID!',
      'node { name }',
    )
    expect(renamed.node.name).toBe('Idle')
    const ends = { input: { sourceNodeId: start.node.id, targetNodeId: noOp.node.id } }
    const edge = await edit(
      'connectNodes(workflowId: $id, input: $input, expectedVersion: $v)',
      ends,
      ', $input: ConnectNodesInput!',
      'connection { id sourceOutput targetIndex }',
    )
    expect(edge.connection).toMatchObject({ sourceOutput: 'main', targetIndex: 0 })
    await edit('changePinData(workflowId: $id, pinData: {Start: [{json: {a: 1}}]}, expectedVersion: $v)', {}, '', '')
    expect((await edit('publishWorkflow(workflowId: $id, note: "first", expectedVersion: $v)', {}, '', '')).workflow.version).toBe(1)
    expect((await edit('activateWorkflow(workflowId: $id, expectedVersion: $v)', {}, '', '')).workflow).toMatchObject({
      status: 'active',
      activeVersion: 1,
    })
    expect((await edit('deactivateWorkflow(workflowId: $id, expectedVersion: $v)', {}, '', '')).workflow.status).toBe('inactive')
    await edit('disconnectNodes(workflowId: $id, connectionId: $c, expectedVersion: $v)', { c: edge.connection.id }, ', $c: ID!', '')
    await edit('removeNode(workflowId: $id, nodeId: $n, expectedVersion: $v)', n, ', $n: ID!', '')
    expect((await edit('archiveWorkflow(workflowId: $id, expectedVersion: $v)', {}, '', '')).workflow.status).toBe('archived')
    await edit('restoreWorkflow(workflowId: $id, expectedVersion: $v)', {}, '', '')

    const { data } = await graphql(
      'query ($id: ID!) { draft: workflowVersion(workflowId: $id) { nodes { name } } first: workflowVersion(workflowId: $id, version: 1) { version nodes { name } connections { id } } problems(workflowId: $id) { code } workflow(id: $id) { description versions { version contentHash } pinData } }',
      { id },
    )
    expect(data.draft.nodes).toEqual([{ name: 'Start' }])
    expect(data.first).toMatchObject({ version: 1, nodes: [{ name: 'Start' }, { name: 'Idle' }], connections: [{}] })
    expect(data.workflow.versions).toEqual([{ version: 1, contentHash: expect.stringMatching(/^[0-9a-f]{64}$/) }])
    expect(codes(await graphql('query ($id: ID!) { workflowVersion(workflowId: $id, version: 7) { version } }', { id }))).toEqual([
      'NOT_FOUND',
    ])
  })

  test('an edit made against an older version is refused and writes nothing', async () => {
    const { id, version } = await create('Contended')
    const rename = 'mutation ($id: ID!, $v: Int) { renameWorkflow(workflowId: $id, name: "Mine", expectedVersion: $v) { version } }'
    expect(codes(await graphql(rename, { id, v: version }))).toEqual([])
    expect(codes(await graphql(rename, { id, v: version }))).toEqual(['STALE_EXPECTED_VERSION'])
    const { data } = await graphql('query ($id: ID!) { workflow(id: $id) { revision } }', { id })
    expect(data.workflow.revision).toBe(version + 1)
  })

  test('a workflow that cannot be published says every problem at once', async () => {
    const { id } = await create('Broken')
    for (const name of ['One', 'Two'])
      await graphql('mutation ($id: ID!, $input: AddNodeInput!) { addNode(workflowId: $id, input: $input) { version } }', {
        id,
        input: { name, type: 'unknown.node' },
      })
    const answer = await graphql('mutation ($id: ID!) { publishWorkflow(workflowId: $id) { version } }', { id })
    expect(codes(answer)).toEqual(['WORKFLOW_INVALID'])
    const problems = answer.errors[0]?.extensions.problems as { node: string }[]
    expect(problems.map(({ node }) => node)).toEqual(expect.arrayContaining(['One', 'Two']))
  })

  test('one reads what one wrote', async () => {
    const { id, position } = await create('Read at once')
    const { data } = await graphql(
      'query ($position: Position) { workflows(atLeast: $position, first: 1) { edges { node { id name createdAt executionStats nodes { id } } } } }',
      { position },
    )
    expect(data.workflows.edges[0].node).toMatchObject({ id, name: 'Read at once', createdAt: expect.any(String) })
    expect(codes(await graphql('{ workflows(atLeast: "nonsense") { totalCount } }'))).toEqual(['INVALID_INPUT'])
    const foreign = Buffer.from(JSON.stringify({ log: 'other', stream: 's', revision: 0, position: 'p' })).toString('base64url')
    expect(codes(await graphql('query ($p: Position) { workflows(atLeast: $p) { totalCount } }', { p: foreign }))).toEqual([
      'CURSOR_OF_ANOTHER_LOG',
    ])
  })

  test('pages go forwards and backwards, and refuse what is no page', async () => {
    const token = await tokenOf('editor', randomUUID())
    let position = ''
    for (const name of ['a', 'b', 'c', 'd', 'e']) position = (await create(name, token)).position
    const page = async (args: string) =>
      (
        await graphql(
          `query ($p: Position) { workflows(${args}, atLeast: $p) { totalCount pageInfo { hasNextPage hasPreviousPage startCursor endCursor } edges { cursor node { name } } } }`,
          { p: position },
          token,
        )
      ).data.workflows
    const names = ({ edges }: { edges: { node: { name: string } }[] }) => edges.map(({ node }) => node.name)
    const first = await page('first: 2')
    expect([names(first), first.totalCount, first.pageInfo.hasNextPage, first.pageInfo.hasPreviousPage]).toEqual([
      ['e', 'd'],
      5,
      true,
      false,
    ])
    const second = await page(`first: 3, after: "${first.pageInfo.endCursor}"`)
    expect([names(second), second.pageInfo.hasNextPage, second.pageInfo.hasPreviousPage]).toEqual([['c', 'b', 'a'], false, true])
    expect(names(await page(`last: 2, before: "${second.pageInfo.startCursor}"`))).toEqual(['e', 'd'])
    for (const args of ['first: 201', 'first: -1', 'first: 1, last: 1', 'first: 1, after: "x"'])
      expect(codes(await graphql(`{ workflows(${args}) { totalCount } }`, {}, token))).toEqual(['INVALID_INPUT'])
    const filtered = await graphql(
      '{ workflows(filter: {search: "c", status: [draft], isTemplate: false, tags: null}) { edges { node { name } } } }',
      {},
      token,
    )
    expect(names(filtered.data.workflows)).toEqual(['c'])
  })

  test('an imported file comes back, over GraphQL and REST', async () => {
    const { data } = await graphql(
      'mutation ($json: JSON!) { importWorkflow(json: $json) { position workflows { name nodes connections notes { kind message } workflow { id source } } } }',
      { json: JSON.stringify(greetingFile) },
    )
    const report = data.importWorkflow.workflows[0]
    expect(report).toMatchObject({ name: 'Greeting', nodes: 2, connections: 1, notes: [], workflow: { source: 'imported' } })
    const exported = await graphql('query ($id: ID!) { exportWorkflow(id: $id) }', { id: report.workflow.id })
    expect(exported.data.exportWorkflow).toMatchObject(greetingFile)
    const rest = await fetch(`${instance.url}/api/workflows/${report.workflow.id}/export`, {
      headers: { authorization: `Bearer ${instance.token}` },
    })
    expect(await rest.json()).toEqual(exported.data.exportWorkflow)
    expect(codes(await graphql('mutation { importWorkflow(json: "{nonsense") { position } }'))).toEqual(['MALFORMED_JSON'])
    expect(codes(await graphql('mutation { importWorkflow(json: 7) { position } }'))).toHaveLength(1)
  })
})
