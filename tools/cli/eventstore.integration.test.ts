import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { EventStoreDBClient, jsonEvent } from '@eventstore/db-client'
import { openEmbeddedEventStore } from '@weconnect/eventstore/embedded'
import { startEventStoreProcess } from '@weconnect/testing/event-store-process'
import { runCommand } from '@weconnect/testing/instance'
import { missing } from '@weconnect/testing/requires'
import { hasOpenssl, testCertificate } from '@weconnect/testing/test-certificate'
import { expect, test } from 'vitest'

const note = () => jsonEvent({ type: 'Noted', data: {} })

test.each([
  ['neither TLS nor --insecure', ['serve'], '--insecure'],
  ['both', ['serve', '--insecure', '--cert', 'a', '--key', 'b'], 'Either --insecure, or --cert and --key'],
  ['no such call', ['start', '--insecure'], 'eventstore serve'],
  ['no port', ['serve', '--insecure', '--port', 'many'], '--port must be a number'],
])('%s: the words of the call are wrong', async (_, words, message) => {
  const { code, stderr } = await runCommand(['eventstore', ...words])
  expect(code).toBe(2)
  expect(stderr).toContain(message)
})

test('what was written outlives it; it ends cleanly; its folder is no instance', async () => {
  const served = await startEventStoreProcess()
  const client = EventStoreDBClient.connectionString(served.url)
  await client.appendToStream('notes-1', [note(), note()])
  const second = await runCommand(['eventstore', 'serve', '--insecure', '--port', '0', '--data', served.folder])
  expect([second.code, second.stderr]).toEqual([1, expect.stringContaining('DATA_FOLDER_IN_USE')])
  expect(await served.stop()).toBe(0)
  await served.restart()
  await expect.poll(async () => (await Array.fromAsync(client.readStream('notes-1')).catch(() => [])).length, { timeout: 30_000 }).toBe(2)
  await client.dispose()
  expect(await served.stop()).toBe(0)
  const up = await runCommand(['up', '--port', '0', '--data', served.folder])
  expect([up.code, up.stderr]).toEqual([1, expect.stringMatching(/^CONFIG_INVALID: .*EVENTSTORE_URL/)])
  await served.remove()
})

test.skipIf(missing('openssl', hasOpenssl()))('with TLS the first password is shown once, or taken from the environment', async () => {
  const tls = testCertificate()
  const how = ['--cert', tls.certificateFile, '--key', tls.keyFile]
  const first = await startEventStoreProcess(how)
  const [, password] = /password (\S+) {2}\(shown only now\)/.exec(first.output()) ?? []
  const address = (secret: string | undefined): string =>
    first.url.replace('USER:PASSWORD', `admin:${secret}`).concat(`?tlsCAFile=${tls.authorityFile}`)
  const client = EventStoreDBClient.connectionString(address(password))
  await client.appendToStream('notes-1', note())
  await client.dispose()
  await first.stop()
  await first.restart()
  expect(first.output().match(/shown only now/g)).toHaveLength(1)
  await first.remove()

  const given = await startEventStoreProcess(how, { EVENTSTORE_ADMIN_PASSWORD: 'correct-horse' })
  expect(given.output()).not.toContain('correct-horse')
  const other = EventStoreDBClient.connectionString(
    `${given.url.replace('USER:PASSWORD', 'ops:correct-horse')}?tlsCAFile=${tls.authorityFile}`,
  )
  await other.appendToStream('notes-1', note())
  await other.dispose()
  await given.remove()
  tls.remove()
})

test('the folder of an instance is shown and never written', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'weconnect-shown-'))
  const log = openEmbeddedEventStore({ folder })
  await log.append('execution-1', 'none', [{ id: crypto.randomUUID(), type: 'Noted', data: Buffer.from('{}'), metadata: Buffer.alloc(0) }])
  await log.close()
  writeFileSync(join(folder, 'keys.json'), '{}')
  const served = await startEventStoreProcess(['--insecure', '--data', folder])
  const client = EventStoreDBClient.connectionString(served.url)
  expect(await Array.fromAsync(client.readStream('execution-1'))).toHaveLength(1)
  await expect(client.appendToStream('notes-1', note())).rejects.toMatchObject({ type: 'access-denied' })
  expect(existsSync(join(folder, 'eventstore.json'))).toBe(false)
  await client.dispose()
  await served.remove()
  rmSync(folder, { recursive: true })
})
