import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { missingEngines, type OwnEngine, ownEngine, testEngine } from '@weconnect/testing/engines'
import { type Instance, runCommand, startInstance } from '@weconnect/testing/instance'
import { sendDeliveries } from '@weconnect/testing/promises/deliveries'
import { allTables, caughtUp, projectionsOf, tableDifferences } from '@weconnect/testing/promises/tables'
import { failing, hello, later } from '@weconnect/testing/promises/workflows'
import { runLogsIn } from '@weconnect/testing/stores-content'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

interface Created {
  readonly createWorkflow: { readonly position: string; readonly workflow: { readonly id: string } }
}

const kills = process.env['WECONNECT_LONG'] === '1' ? 10 : 2

describe.skipIf(await missingEngines('kafka', 'registry', 'mongo'))('read models that topics feed', () => {
  let instance: Instance
  let mongo: OwnEngine
  beforeAll(async () => {
    const [kafka, registry] = await Promise.all([testEngine('kafka'), testEngine('registry')])
    mongo = await ownEngine('mongo')
    const feed = { WECONNECT_PROJECTIONS_FEED: 'topics', KAFKA_TOPIC_PREFIX: `${randomUUID()}.` }
    instance = await startInstance({ env: { ...kafka.variables, ...registry.variables, ...mongo.variables, ...feed } })
  })
  afterAll(async () => {
    await instance?.remove()
    await mongo?.remove()
  })

  test('the product killed in the middle again and again, they equal a fresh rebuild row by row', async () => {
    for (const { file } of [hello, later, failing]) await instance.activate(file)
    const sender = sendDeliveries(instance, { paths: [hello.path, later.path, failing.path], connections: 4, pauseMs: 5 })
    for (let kill = 0; kill < kills; kill += 1) {
      await sleep(500 + Math.random() * 1_000)
      await instance.kill9()
      await instance.restart()
    }
    await sender.stop()
    await caughtUp(instance)
    const live = await allTables(instance)
    const liveLogs = await runLogsIn(mongo.variables['MONGODB_URL'] ?? '')
    expect(liveLogs.length).toBeGreaterThan(20)
    expect(live.get('workflow_executions')?.length).toBeGreaterThan(20)
    for (const { name } of await projectionsOf(instance))
      await instance.graphql('mutation ($name: String!) { rebuildProjection(name: $name) { projection { name } } }', { name })
    await caughtUp(instance)
    expect(tableDifferences(live, await allTables(instance))).toEqual([])
    expect(await runLogsIn(mongo.variables['MONGODB_URL'] ?? '')).toEqual(liveLogs)
  })

  test('a person reads what they wrote, pauses a read model, and lists what it has put aside', async () => {
    const create = 'mutation { createWorkflow(input: {name: "Read at once"}) { position workflow { id } } }'
    const { position, workflow } = (await instance.graphql<Created>(create)).createWorkflow
    const query = 'query ($at: Position!) { workflows(filter: {name: "Read at once"}, atLeast: $at) { edges { node { id } } } }'
    const found = await instance.graphql(query, { at: position })
    expect(found).toMatchObject({ workflows: { edges: [{ node: { id: workflow.id } }] } })
    expect((await instance.command('projections', 'pause', 'workflow-list')).stdout).toMatch(/workflow-list +\d+ +paused/)
    expect((await instance.command('projections', 'resume', 'workflow-list')).stdout).toMatch(/workflow-list +\d+ +(running|waiting)/)
    expect(JSON.parse((await instance.command('projections', 'parked', '--json')).stdout)).toEqual([])
    expect((await instance.command('projections', 'retry', 'workflow-list', 'workflow-none')).stderr).toMatch(/is not parked/)
    expect((await instance.command('projections', 'drop')).code).toBe(2)
  })

  test('the start refuses topics without brokers', async () => {
    const wrong = { WECONNECT_PROJECTIONS_FEED: 'topics', KAFKA_BROKERS: '' }
    const { code, stderr } = await runCommand(['up', '--port', '0', '--data', `${instance.dataFolder}-refused`], wrong)
    expect(code).not.toBe(0)
    expect(stderr).toMatch(/WECONNECT_PROJECTIONS_FEED=topics needs KAFKA_BROKERS/)
  })
})
