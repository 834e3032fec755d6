import { randomUUID } from 'node:crypto'
import { startTestInstance } from '@weconnect/testing/gateway-fixture'
import { codes, usersOf } from '@weconnect/testing/gateway-users'
import { afterAll, describe, expect, test, vi } from 'vitest'

const instance = await startTestInstance()
afterAll(() => instance.close())
const { graphql, tokenOf, create, importGreeting, ran } = usersOf(instance)

describe('executions', () => {
  test('a run is seen step by step, with its items, from the log and in the lists', async () => {
    const { id, position } = await ran()
    const { data, errors } = await graphql(
      `query ($id: ID!, $position: Position) {
        execution(id: $id) { status triggerType workflowVersion inputData outputData durationMs createdAt organizationId workflow { name } executionPath
          steps(first: 10) { totalCount edges { cursor node { step nodeName nodeType status input output inputs outputCounts cacheHit } } }
          events(first: 2) { totalCount pageInfo { hasNextPage } edges { node { type revision data } } } }
        executions(filter: {status: [completed], triggerType: [manual]}, atLeast: $position) { edges { node { id outputData } } }
        steps(filter: {executionId: $id}) { totalCount edges { node { id nodeName status } } }
        runLog(executionId: $id) { entries hasMore }
      }`,
      { id, position },
    )
    expect(errors).toEqual([])
    const { execution } = data
    expect(execution).toMatchObject({ status: 'completed', triggerType: 'manual', workflowVersion: 0, workflow: { name: 'Greeting' } })
    expect(execution.outputData).toMatchObject([[{ json: { greeting: 'Hello Ada' } }]])
    expect(execution.steps.totalCount).toBe(2)
    expect(execution.steps.edges[1].node).toMatchObject({
      nodeName: 'Greet',
      status: 'completed',
      input: [[{ json: { name: 'Ada' } }]],
      output: [[{ json: { greeting: 'Hello Ada' } }]],
    })
    expect(execution.events.edges[0].node).toMatchObject({ type: 'ExecutionRequested', revision: 0 })
    expect(execution.events.totalCount).toBeGreaterThan(2)
  })

  test('raw events: by types, backwards, of the whole log; passwords stay hidden', async () => {
    const { id } = await ran()
    const types = async (args: string) =>
      (
        await graphql(
          `query ($id: ID!) { events(executionId: $id, ${args}) { totalCount pageInfo { hasNextPage hasPreviousPage startCursor } edges { node { type revision } } } }`,
          { id },
        )
      ).data.events
    const all = await types('first: 100')
    const last = await types('last: 1')
    expect(last.edges[0].node).toEqual(all.edges.at(-1).node)
    expect(last.pageInfo).toMatchObject({ hasPreviousPage: true, hasNextPage: false })
    expect((await types(`last: 1, before: "${last.pageInfo.startCursor}"`)).edges[0].node).toEqual(all.edges.at(-2).node)
    expect(await types('types: ["ExecutionStarted"]')).toMatchObject({ totalCount: 1, edges: [{ node: { type: 'ExecutionStarted' } }] })
    const log = await graphql('{ events(first: 200, types: ["UserRegistered"]) { totalCount edges { node { type data } } } }')
    expect(log.data.events).toMatchObject({
      totalCount: null,
      edges: [{ node: { data: { email: 'owner@example.org', passwordHash: '(hidden)' } } }],
    })
    expect(JSON.stringify(log.data)).not.toContain('scrypt')
    expect(codes(await graphql('query ($id: ID!) { events(executionId: $id, workflowId: $id) { totalCount } }', { id }))).toEqual([
      'INVALID_INPUT',
    ])
  })

  test('a replay says that it is equal', async () => {
    const { id } = await ran()
    const { data } = await graphql(
      'mutation ($id: ID!) { replayExecution(id: $id) { executionId equal foldEqual events steps differences { step } } }',
      { id },
    )
    expect(data.replayExecution).toMatchObject({ executionId: id, equal: true, foldEqual: true, steps: 2, differences: [] })
    expect(codes(await graphql('mutation ($id: ID!) { cancelExecution(id: $id, reason: "late") { version } }', { id }))).toEqual([
      'INVALID_STATE',
    ])
  })

  test('a fork names what it comes from, and says why it stands where it stands', async () => {
    const { id } = await ran()
    const fork =
      'mutation ($id: ID!, $input: ForkExecutionInput) { forkExecution(id: $id, input: $input) { position execution { id forkedFromId forkedAtStep } } }'
    const executionId = randomUUID()
    const { data } = await graphql(fork, { id, input: { fromStep: 1, executionId } })
    expect(data.forkExecution.execution).toMatchObject({ id: executionId, forkedFromId: id, forkedAtStep: 1 })
    expect(codes(await graphql(fork, { id, input: { fromStep: 1, executionId } }))).toEqual(['REVISION_CONFLICT'])
    const explain = 'query ($id: ID!) { explainExecution(id: $id) { executionId kind message } }'
    const forkedId = data.forkExecution.execution.id
    await vi.waitFor(async () => expect((await graphql(explain, { id: forkedId })).data.explainExecution.kind).toBe('ended'), {
      timeout: 20_000,
    })
    expect(codes(await graphql(fork, { id, input: { fromStep: 1, fromNode: 'x' } }))).toEqual(['INVALID_INPUT'])
    expect(codes(await graphql(fork, { id, input: { newestVersion: true, version: 1 } }))).toEqual(['INVALID_INPUT'])
  })

  test('lists of lists take a query each, not a query per row', async () => {
    const token = await tokenOf('editor', randomUUID())
    let position = ''
    for (let n = 0; n < 10; n++) position = (await create(`n${n}`, token)).position
    const { sql } = instance.parts
    const { query } = sql
    let queries = 0
    Object.assign(sql, {
      query: (...args: Parameters<typeof query>) => {
        queries += 1
        return query.apply(sql, args)
      },
    })
    await graphql(
      'query ($p: Position) { workflows(atLeast: $p) { edges { node { name nodes { name } connections { id } webhooks { path } } } } }',
      { p: position },
      token,
    )
    Object.assign(sql, { query })
    expect(queries).toBe(4)
  })
})

describe('files of executions', () => {
  const text = '<script>1</script>\n'.repeat(2000)
  const binary = { data: { data: Buffer.from(text).toString('base64'), mimeType: 'text/html', fileName: 'ä "x".html' } }
  const fetchFile = (id: string, query: string, token: string | null) =>
    fetch(`${instance.url}/api/executions/${id}/file${query}`, { headers: token === null ? {} : { authorization: `Bearer ${token}` } })

  test('are sent to be saved, to those of the organisation who may read', async () => {
    const input = { workflowId: await importGreeting(), input: [{ json: { name: 'Ada' }, binary }] }
    const started = await graphql('mutation ($input: RunWorkflowInput!) { runWorkflow(input: $input) { execution { id } } }', {
      input,
    })
    const { id } = started.data.runWorkflow.execution
    const viewer = await tokenOf('viewer')
    await vi.waitFor(async () => expect((await fetchFile(id, '?step=0', viewer)).status).toBe(200), { timeout: 15_000 })
    const answer = await fetchFile(id, '?step=0&output=0&item=0&field=data', viewer)
    expect(await answer.text()).toBe(text)
    expect(Object.fromEntries(answer.headers)).toMatchObject({
      'content-disposition': `attachment; filename*=UTF-8''${encodeURIComponent('ä "x".html')}`,
      'content-security-policy': 'sandbox',
      'x-content-type-options': 'nosniff',
    })
    for (const query of ['?step=9', '?field=other', '?field=constructor', '?item=7'])
      expect((await fetchFile(id, query, viewer)).status).toBe(404)
    expect((await fetchFile(id, '?step=-1', viewer)).status).toBe(400)
    expect((await fetchFile(id, '?step=0', null)).status).toBe(401)
    expect((await fetchFile(id, '?step=0', await tokenOf('viewer', randomUUID()))).status).toBe(404)
  })
})
