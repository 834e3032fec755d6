import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import { openFileBlobs } from '@weconnect/blobs/files'
import { openEmbeddedEventStore } from '@weconnect/eventstore/embedded'
import type { Journal } from '@weconnect/eventstore/journal'
import { openJournal } from '@weconnect/eventstore/open-journal'
import { executionWork } from '@weconnect/executions/open-work'
import { openKeyFile } from '@weconnect/secrets/key-file'
import { type Instance, startInstance } from '@weconnect/testing/instance'
import { type Ledger, openLedger } from '@weconnect/testing/promises/ledger'
import { onlyExecution, repeatExecution } from '@weconnect/testing/promises/many-executions'
import { openExecutionsIn, readLog } from '@weconnect/testing/promises/recorded-log'
import { effects, hello } from '@weconnect/testing/promises/workflows'
import { webhookWork } from '@weconnect/webhooks/open-work'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'

const finished = process.env['WECONNECT_LONG'] === '1' ? 1_000_000 : 20_000
const open = 12
const resumedWithinMs = 2_000

let ledger: Ledger
let instance: Instance
let answerAfterMs = 600_000
beforeAll(async () => {
  ledger = await openLedger(() => answerAfterMs)
  instance = await startInstance({ env: { WECONNECT_EGRESS_ALLOW: '127.0.0.1/32' } })
})
afterAll(async () => {
  await instance?.remove()
  await ledger?.close()
})

/** Writes to the log of an instance that does not run, as its owner would. */
const withJournal = async <Result>(work: (journal: Journal) => Promise<Result>): Promise<Result> => {
  const folder = instance.dataFolder
  const workOf = (stream: string, events: Parameters<typeof executionWork>[1]) =>
    executionWork(stream, events) ?? webhookWork(stream, events)
  const store = openEmbeddedEventStore({ folder, workOf })
  const keyring = openKeyFile(join(folder, 'keys.json'))
  const blobs = openFileBlobs({ folder: join(folder, 'blobs'), addressKey: (id) => keyring.derive(`blobs/${id}`) })
  const journal = openJournal({ store, keyring, blobs, now: () => new Date().toISOString(), newId: randomUUID })
  try {
    return await work(journal)
  } finally {
    await store.close()
  }
}

test(`with ${finished} finished executions in the log, the open ones go on within ${resumedWithinMs} ms of a restart`, async () => {
  const held = effects('held', ledger.url, 'onReceived')
  for (const { file } of [hello, held]) await instance.activate(file)
  expect((await instance.deliver(hello.path, { n: 1 })).status).toBe(200)
  await instance.stop()

  const model = onlyExecution(await readLog(instance.dataFolder))
  const began = performance.now()
  await withJournal((journal) => repeatExecution(journal, model, finished))
  const madeMs = performance.now() - began

  await instance.restart()
  for (let number = 0; number < open; number += 1)
    expect((await instance.deliver(held.path, { delivery: `open-${number}` })).status).toBe(200)
  await vi.waitFor(() => expect(ledger.entries).toHaveLength(open), { timeout: 30_000 })
  await instance.kill9()
  answerAfterMs = 0

  const readyMs = await instance.restart()
  const readyAt = performance.now()
  const store = openEmbeddedEventStore({ folder: instance.dataFolder, readOnly: true })
  try {
    await vi.waitFor(() => expect(ledger.entries.length).toBeGreaterThanOrEqual(2 * open), { timeout: resumedWithinMs, interval: 5 })
    const resumedMs = performance.now() - readyAt
    await vi.waitFor(async () => expect(await openExecutionsIn(store)).toEqual([]), { timeout: 30_000, interval: 10 })
    console.log(
      `${finished} executions of ${model.length} events made in ${Math.round(madeMs)} ms; ready ${Math.round(readyMs)} ms after the start, ` +
        `${open} open executions resumed ${Math.round(resumedMs)} ms later, ended ${Math.round(performance.now() - readyAt)} ms later`,
    )
  } finally {
    await store.close()
  }
  expect((await instance.deliver(hello.path, { n: 2 })).status).toBe(200)
})
