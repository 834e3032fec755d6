import { createHash, randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { request } from 'node:http'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { openBinaries } from '@weconnect/blobs/binaries'
import { openFileBlobs } from '@weconnect/blobs/files'
import type { BinaryData, Item } from '@weconnect/contracts/items'
import { openKeyFile } from '@weconnect/secrets/key-file'
import { type Instance, startInstance } from '@weconnect/testing/instance'
import { webhookFile } from '@weconnect/testing/live-webhook'
import { readLog } from '@weconnect/testing/promises/recorded-log'
import { afterAll, beforeAll, expect, test } from 'vitest'

const MiB = 1024 * 1024

let instance: Instance
beforeAll(async () => {
  instance = await startInstance({ env: { WECONNECT_MAX_UPLOAD_MIB: '150' } })
  await instance.activate(webhookFile('upload', { parameters: { responseMode: 'onReceived' } }))
})
afterAll(async () => {
  await instance?.remove()
})

/** Largest memory that the process has had, in bytes. */
const peak = (): number => Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${instance.pid()}/status`, 'utf8'))?.[1]) * 1024

const noise = randomBytes(MiB)
/** Megabytes, each another one. */
function* megabytes(count: number): Generator<Buffer> {
  for (let n = 0; n < count; n += 1) {
    noise.writeUInt32LE(n)
    yield Buffer.from(noise)
  }
}
const digest = (chunks: Iterable<Buffer>): string => {
  const hash = createHash('sha256')
  for (const chunk of chunks) hash.update(chunk)
  return hash.digest('hex')
}

const send = async (chunks: Iterable<Buffer>, headers: Record<string, string>): Promise<{ status: number; executionId: string }> => {
  const call = request(`${instance.url()}/webhook/upload`, { method: 'POST', headers })
  const answered = new Promise<{ status: number; executionId: string }>((resolve, reject) => {
    call.on('error', reject)
    call.on('response', async (response) => {
      const parts: Buffer[] = []
      for await (const part of response) parts.push(part as Buffer)
      resolve({ status: response.statusCode ?? 0, ...JSON.parse(Buffer.concat(parts).toString()) })
    })
  })
  await Promise.all([pipeline(Readable.from(chunks), call).catch(() => undefined), answered])
  return answered
}

const fileOf = async (executionId: string, property: string): Promise<BinaryData> => {
  const event = (await readLog(instance.dataFolder)).find(
    ({ type, stream }) => type === 'ExecutionRequested' && stream.endsWith(executionId),
  )
  const { input = [] } = (event?.data ?? {}) as { readonly input?: readonly (readonly Item[])[] }
  const item = input[0]?.[0]
  return item?.binary?.[property] as BinaryData
}
const kept = async (file: BinaryData): Promise<Buffer> => {
  const keyring = openKeyFile(join(instance.dataFolder, 'keys.json'))
  const blobs = openFileBlobs({ folder: join(instance.dataFolder, 'blobs'), addressKey: (id) => keyring.derive(`blobs/${id}`) })
  const { organisationId } = JSON.parse(readFileSync(join(instance.dataFolder, 'instance.json'), 'utf8')).owner
  return openBinaries({ blobs, keyring }).read(organisationId, file.id ?? '')
}

test('an upload of 100 MB is on disk when it is answered, and was never held in memory', async () => {
  await send(megabytes(4), { 'content-type': 'application/octet-stream' })
  const before = peak()
  const { status, executionId } = await send(megabytes(100), {
    'content-type': 'application/octet-stream',
    'content-length': String(100 * MiB),
  })
  expect(status).toBe(200)
  expect(peak() - before).toBeLessThan(70 * MiB)
  const file = await fileOf(executionId, 'data')
  expect(file).toMatchObject({ data: 'blob', bytes: 100 * MiB, mimeType: 'application/octet-stream' })
  expect(digest([await kept(file)])).toBe(digest(megabytes(100)))
})

test('a form with a large file and fields, its length not told', async () => {
  const part = (head: string) => Buffer.from(`--frontier\r\nContent-Disposition: form-data; ${head}\r\n\r\n`)
  function* form() {
    yield part('name="title"')
    yield Buffer.from('Film\r\n')
    yield part('name="film"; filename="film.mp4"\r\nContent-Type: video/mp4')
    yield* megabytes(20)
    yield Buffer.from('\r\n')
    yield part('name="note"; filename="note.txt"\r\nContent-Type: text/plain')
    yield Buffer.from('small\r\n--frontier--\r\n')
  }
  const { status, executionId } = await send(form(), { 'content-type': 'multipart/form-data; boundary=frontier' })
  expect(status).toBe(200)
  const film = await fileOf(executionId, 'film')
  expect(film).toMatchObject({ bytes: 20 * MiB, mimeType: 'video/mp4', fileName: 'film.mp4', fileExtension: 'mp4' })
  expect(digest([await kept(film)])).toBe(digest(megabytes(20)))
  expect((await kept(await fileOf(executionId, 'note'))).toString()).toBe('small')
})

test('what is larger than the limit is refused, and so is what does not come to its end', async () => {
  const type = { 'content-type': 'application/octet-stream' }
  const count = async () => (await readLog(instance.dataFolder)).filter(({ type: event }) => event === 'ExecutionRequested').length
  const before = await count()
  expect((await send([], { ...type, 'content-length': String(151 * MiB) })).status).toBe(413)
  const cut = request(`${instance.url()}/webhook/upload`, { method: 'POST', headers: { ...type, 'content-length': String(3 * MiB) } })
  cut.on('error', () => undefined)
  cut.write(Buffer.alloc(2 * MiB), () => cut.destroy())
  expect((await send(megabytes(2), type)).status).toBe(200)
  expect(await count()).toBe(before + 1)
})
