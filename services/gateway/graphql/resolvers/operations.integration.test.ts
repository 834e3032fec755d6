import { randomUUID } from 'node:crypto'
import { noStream } from '@weconnect/eventstore/journal'
import { startTestInstance } from '@weconnect/testing/gateway-fixture'
import { codes, usersOf } from '@weconnect/testing/gateway-users'
import { afterAll, describe, expect, test } from 'vitest'

const instance = await startTestInstance()
afterAll(() => instance.close())
const { graphql, create } = usersOf(instance)

describe('operations', () => {
  test('health, readiness and metrics need no token', async () => {
    expect(await (await fetch(`${instance.url}/health`)).json()).toEqual({ status: 'up' })
    const ready = await fetch(`${instance.url}/ready`)
    expect([ready.status, await ready.json()]).toEqual([
      200,
      { ready: true, checks: { log: 'up', postgres: 'up', projections: 'up', engine: 'up' }, stopped: [] },
    ])
    const metrics = await (await fetch(`${instance.url}/metrics`)).text()
    for (const line of [/weconnect_log_position [1-9]/, /weconnect_projection_lag_events \d/, /weconnect_executions \d/])
      expect(metrics).toMatch(line)
  })
  test('readiness says what is not', async () => {
    Object.assign(instance.parts.checks, { engine: async () => 'starting' })
    const ready = await fetch(`${instance.url}/ready`)
    Object.assign(instance.parts.checks, { engine: async () => undefined })
    expect([ready.status, await ready.json()]).toMatchObject([503, { ready: false, checks: { engine: 'starting', log: 'up' } }])
  })
  test('projections are listed, and rebuilt', async () => {
    const { data } = await graphql('{ projections { name status lag position problem } }')
    const [{ name }] = data.projections
    expect(data.projections.every(({ status }: { status: string }) => status === 'running')).toBe(true)
    expect(
      (await graphql('mutation ($name: String!) { rebuildProjection(name: $name) { projection { name status } } }', { name })).data
        .rebuildProjection.projection.name,
    ).toBe(name)
    expect(codes(await graphql('mutation { rebuildProjection(name: "none") { projection { name } } }'))).toEqual(['NOT_FOUND'])
  })
  test('search, metrics, node definitions and audit answer', async () => {
    const { id, position } = await create('Findable thing')
    await instance.journal.append(
      `node-${randomUUID()}`,
      noStream,
      [
        {
          type: 'NodeRegistered',
          data: {
            name: 'x.y',
            definition: { ...instance.parts.registry.find('n8n-nodes-base.set', 3.4)?.definition, name: 'x.y' } as never,
            definitionHash: 'h',
          },
        },
      ],
      instance.context,
    )
    const { data, errors } = await graphql(
      `query ($p: Position, $from: DateTime!, $to: DateTime!, $id: ID!) {
        search(query: "findable", kinds: [workflow], atLeast: $p) { kind id title snippet rank updatedAt }
        metrics(entityType: workflow, entityId: $id, from: $from, to: $to) { metricName metricValue }
        metricSeries(entityType: workflow, metric: count, from: $from, to: $to) { timestamp value }
        nodeDefinitions(filter: {search: "set"}) { totalCount edges { node { name version versions properties } } }
        auditLog(first: 5, filter: {types: ["WorkflowCreated"]}, atLeast: $p) { totalCount edges { node { id type actor position } } }
      }`,
      { p: position, id, from: '2020-01-01', to: '2100-01-01T00:00:00Z' },
    )
    expect(errors).toEqual([])
    expect(data.search[0]).toMatchObject({ kind: 'workflow', id, title: 'Findable thing' })
    expect(data.auditLog.edges[0].node).toMatchObject({ type: 'WorkflowCreated', actor: expect.stringMatching(/^user:/) })
  })
  test('pages and headers', async () => {
    const home = await fetch(instance.url)
    expect(await home.text()).toContain('/graphiql')
    expect(home.headers.get('x-content-type-options')).toBe('nosniff')
    expect((await fetch(`${instance.url}/graphiql`)).headers.get('content-type')).toContain('text/html')
    expect((await fetch(`${instance.url}/graphiql/page.js`)).status).toBe(200)
    const preflight = (origin: string) =>
      fetch(`${instance.url}/graphql`, { method: 'OPTIONS', headers: { origin, 'access-control-request-method': 'POST' } })
    expect((await preflight('https://front.example')).headers.get('access-control-allow-origin')).toBe('https://front.example')
    expect((await preflight('https://elsewhere.example')).headers.get('access-control-allow-origin')).toBeNull()
  })
})
