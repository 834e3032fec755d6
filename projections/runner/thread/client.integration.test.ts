import { join } from 'node:path'
import { openFileBlobs } from '@weconnect/blobs/files'
import { openJournal } from '@weconnect/eventstore/open-journal'
import { openJournalFixture, someContext } from '@weconnect/testing/journal-fixture'
import { testDatabase } from '@weconnect/testing/postgres'
import { appender, timers } from '@weconnect/testing/read-models'
import { expect, test } from 'vitest'
import { readModels } from '../../read-models.ts'
import { workflowsByIds } from '../../workflow-list/queries.ts'
import { startProjectorThread } from './client.ts'

const workflowId = '00000000-0000-4000-8000-000000000001'

test('the projector thread: reading one’s own write, payloads in blobs, status, rebuild, refusals, close', async () => {
  const database = await testDatabase()
  const log = openJournalFixture()
  const blobFolder = join(log.folder, 'shared-blobs')
  const blobs = openFileBlobs({ folder: blobFolder, addressKey: (organisationId) => log.keyring.derive(`blobs/${organisationId}`) })
  const journal = openJournal({
    store: log.store,
    keyring: log.keyring,
    blobs,
    now: () => '2026-01-01T00:00:00.000Z',
    newId: () => crypto.randomUUID(),
  })
  const context = someContext()
  const append = appender(journal, context)
  const projector = startProjectorThread({
    dataFolder: log.folder,
    kept: { keys: { keyFile: join(log.folder, 'keys.json') }, blobs: { folder: blobFolder } },
    database: database.connection,
    timers,
  })
  const large = { text: 'x'.repeat(100_000) }
  const position = await append(
    `workflow-${workflowId}`,
    {
      type: 'WorkflowCreated',
      data: {
        workflowId,
        organisationId: context.organisationId,
        name: 'In its own thread',
        tags: [],
        settings: {},
        source: 'imported',
        imported: large,
      },
    },
    { type: 'WorkflowDescribed', data: { description: 'seen' } },
  )
  await projector.waitFor(position, { timeoutMs: 60_000 })
  const [row] = await workflowsByIds(database.pool, { organisationId: context.organisationId, ids: [workflowId] })
  expect(row).toMatchObject({ name: 'In its own thread', description: 'seen' })
  expect((await projector.status()).map(({ state, eventsBehind }) => [state, eventsBehind])).toEqual(readModels.map(() => ['running', 0]))
  const fractions: number[] = []
  await projector.rebuild('workflow-list', ({ fraction }) => fractions.push(fraction))
  expect(fractions.at(-1)).toBe(1)
  expect(await workflowsByIds(database.pool, { organisationId: context.organisationId, ids: [workflowId] })).toEqual([row])
  await expect(projector.rebuild('nothing')).rejects.toMatchObject({ code: 'NOT_FOUND' })
  await expect(projector.waitFor(`${position.slice(0, -1)}9`, { timeoutMs: 20 })).rejects.toMatchObject({ code: 'PROJECTION_BEHIND' })
  await projector.close()
  await expect(projector.status()).rejects.toMatchObject({ code: 'UNAVAILABLE' })
  await database.close()
  await log.close()
})
