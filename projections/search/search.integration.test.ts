import { randomUUID } from 'node:crypto'
import { checkMeili } from '@weconnect/search/connect'
import { openSearchIndexes } from '@weconnect/search/indexes'
import { readModelStoreContract } from '@weconnect/testing/contracts/read-model-store'
import { searchContract } from '@weconnect/testing/contracts/search'
import { idOf, requested } from '@weconnect/testing/execution-events'
import { type MeiliServer, startMeiliServer } from '@weconnect/testing/meilisearch/server'
import { openReadModels, openStoreModel } from '@weconnect/testing/read-models'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { meiliSearch } from './meili-queries.ts'
import { meiliSearchStore, searchIndexName } from './meili-store.ts'
import { searchIndex } from './projection.ts'
import { postgresSearch } from './queries.ts'

const standIn = 'a stand-in for MeiliSearch'
const storeAt = (server: MeiliServer, version?: number) =>
  meiliSearchStore({ indexes: openSearchIndexes(server), newId: randomUUID, version })

searchContract('PostgreSQL', async () => {
  const models = await openReadModels([searchIndex])
  return { ...models, search: postgresSearch(models.sql) }
})

searchContract(standIn, async () => {
  const server = await startMeiliServer()
  const model = openStoreModel(storeAt(server))
  return {
    ...model,
    search: meiliSearch(openSearchIndexes(server)),
    close: async () => {
      await model.close()
      await server.stop()
    },
  }
})

readModelStoreContract(standIn, async () => {
  const server = await startMeiliServer()
  const indexes = openSearchIndexes(server)
  return {
    store: (version) => storeAt(server, version),
    content: async () => {
      const all = (await indexes.list(searchIndexName, 'kind EXISTS')) as readonly { key: string }[]
      return all.toSorted((a, b) => (a.key < b.key ? -1 : 1))
    },
    empty: async () => server.forget(),
    close: () => server.stop(),
  }
})

let server: MeiliServer
beforeAll(async () => {
  server = await startMeiliServer()
})
afterAll(() => server.stop())

test('tasks that fail are done again; a server that lost its disk is filled again', async () => {
  const model = openStoreModel(storeAt(server))
  const fruit = ['', 'apple', 'banana', 'cherry', 'damson']
  const failed = (n: number) =>
    model.write(`execution-${idOf(n)}`, [
      requested(n),
      { type: 'ExecutionFailed', data: { code: 'NODE_FAILED', error: { message: fruit[n] }, steps: 1, durationMs: 4 } },
    ])
  const found = async (text: string) =>
    (await meiliSearch(openSearchIndexes(server)).find({ organisationId: model.organisationId, text })).map(({ id }) => id)
  await failed(1)
  server.failTasks(2)
  await failed(2)
  expect(await found('banana')).toEqual([idOf(2)])
  server.forget()
  await failed(3)
  await vi.waitFor(async () => expect([await found('apple'), await found('cherry')]).toEqual([[idOf(1)], [idOf(3)]]), 60_000)
  await server.stop()
  await vi.waitFor(async () => expect((await model.runner.status())[0]?.unreachable).toMatch(/^MEILI_URL: MeiliSearch/), 60_000)
  await server.start()
  await vi.waitFor(async () => expect((await model.runner.status())[0]).toMatchObject({ state: 'running', unreachable: undefined }), 60_000)
  await failed(4)
  expect(await found('damson')).toEqual([idOf(4)])
  await model.close()
})

test.each([
  ['no address', { url: 'meili:7700', apiKey: undefined }, 'CONFIG_INVALID', /MEILI_URL must be/],
  [
    'nobody there',
    { url: 'http://127.0.0.1:1', apiKey: undefined },
    'UNAVAILABLE',
    /MEILI_URL=http:\/\/127.0.0.1:1: no MeiliSearch answers .*unset MEILI_URL/,
  ],
  ['a wrong key', { apiKey: 'wrong' }, 'UNAVAILABLE', /MEILI_API_KEY: the MeiliSearch at .* refuses it/],
])('a check says which variable is wrong and what to do: %s', async (_, settings, code, message) => {
  await expect(checkMeili({ url: server.url, ...settings })).rejects.toMatchObject({ code, message: expect.stringMatching(message) })
})

test('a check passes what can be used', () => checkMeili(server))
