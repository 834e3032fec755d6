import { openJournalFixture, someContext } from '@weconnect/testing/journal-fixture'
import { testDatabase } from '@weconnect/testing/postgres'
import { appender, timers } from '@weconnect/testing/read-models'
import { expect, test, vi } from 'vitest'
import { runLogDocuments } from '../../run-logs/projection.ts'
import { openProjectorElsewhere } from '../elsewhere.ts'
import { startProjectionRunner } from '../runner.ts'
import { storeProgress } from './store-progress.ts'

const limits = { timeout: 60_000, interval: 10 }

test('a process that keeps nothing sees how far a store is, waits for it only where it is named while it is away, and forgets it when PostgreSQL keeps it again', async () => {
  const database = await testDatabase()
  const log = openJournalFixture()
  const append = appender(log.journal, someContext())
  const first = await append('workflow-1', { type: 'WorkflowRenamed', data: { name: 'a' } })
  const none = await startProjectionRunner({ journal: log.journal, pool: database.pool, projections: [], timers })
  await none.close()
  const elsewhere = openProjectorElsewhere({ journal: log.journal, sql: database.pool, timers })
  const note = storeProgress(database.pool, () => 7)
  const status = async () => (await elsewhere.status())[0]

  note([{ name: 'run-logs', position: first, condition: 'running' }])
  await elsewhere.waitFor(first, { names: ['run-logs'], timeoutMs: 60_000 })
  expect(await status()).toMatchObject({ name: 'run-logs', version: 7, state: 'running', eventsBehind: 0 })

  const second = await append('workflow-1', { type: 'WorkflowRenamed', data: { name: 'b' } })
  note([{ name: 'run-logs', position: first, condition: 'waiting' }])
  await vi.waitFor(
    async () => expect(await status()).toMatchObject({ state: 'waiting', eventsBehind: 1, unreachable: expect.any(String) }),
    limits,
  )
  await elsewhere.waitFor(second, { timeoutMs: 60_000 })
  await expect(elsewhere.waitFor(second, { names: ['run-logs'], timeoutMs: 50 })).rejects.toMatchObject({ code: 'PROJECTION_BEHIND' })

  const runner = await startProjectionRunner({
    journal: log.journal,
    pool: database.pool,
    projections: [runLogDocuments],
    timers,
    restMs: 1,
  })
  await runner.waitFor(second, { names: ['run-logs'], timeoutMs: 60_000 })
  expect(await database.pool.query('select count(*) as count from run_logs')).toEqual([{ count: 0 }])
  await runner.close()
  await elsewhere.close()
  await database.close()
  await log.close()
})
