import { randomUUID } from 'node:crypto'
import { openDocuments } from '@weconnect/mongo/documents'
import { readModelStoreContract } from '@weconnect/testing/contracts/read-model-store'
import { runLogContract } from '@weconnect/testing/contracts/run-log'
import { missingEngines, testEngine } from '@weconnect/testing/engines'
import { openReadModels, openStoreModel } from '@weconnect/testing/read-models'
import { mongoRunLogs } from './mongo-queries.ts'
import { mongoRunLogStore, runLogCollection } from './mongo-store.ts'
import { runLogDocuments } from './projection.ts'
import { postgresRunLogs } from './queries.ts'

runLogContract('PostgreSQL', async () => {
  const models = await openReadModels([runLogDocuments])
  return { ...models, runLogs: postgresRunLogs(models.sql) }
})

const skip = await missingEngines('mongo')
const server = async (): Promise<string> => {
  const { MONGODB_URL = '' } = (await testEngine('mongo')).variables
  return MONGODB_URL.replace(/\/[^/]*$/, `/run_logs_${randomUUID().slice(0, 8)}`)
}
const storeAt = (url: string, version?: number) => {
  return mongoRunLogStore({ documents: openDocuments(url), retentionDays: undefined, newId: randomUUID, version })
}

runLogContract(
  'MongoDB’s protocol (mongo-java-server)',
  async () => {
    const url = await server()
    const documents = openDocuments(url)
    const model = openStoreModel(storeAt(url))
    return {
      ...model,
      runLogs: mongoRunLogs(documents),
      close: async () => {
        await model.close()
        await documents.close()
      },
    }
  },
  skip,
)

readModelStoreContract(
  'MongoDB’s protocol (mongo-java-server)',
  async () => {
    const url = await server()
    const documents = openDocuments(url)
    return {
      store: (version) => storeAt(url, version),
      content: () => documents.find(runLogCollection, { _id: { $ne: 'checkpoint' } }, { sort: { _id: 1 } }),
      empty: async () => {
        for (const name of [runLogCollection, 'run_logs_next']) await documents.drop(name)
      },
      close: () => documents.close(),
    }
  },
  { skip },
)
