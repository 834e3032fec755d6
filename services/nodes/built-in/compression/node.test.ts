import { gzipSync } from 'node:zlib'
import type { Item } from '@weconnect/contracts/items'
import { runNode } from '@weconnect/testing/node-harness'
import { zipSync } from 'fflate'
import { expect, test } from 'vitest'
import { binaryOf } from '../binary-data.ts'
import { compression } from './node.ts'

const text = 'some words '.repeat(100)
const itemWith = async (files: Readonly<Record<string, readonly [name: string, bytes: Uint8Array]>>): Promise<Item> => ({
  json: { a: 1 },
  binary: Object.fromEntries(
    await Promise.all(Object.entries(files).map(async ([key, [name, bytes]]) => [key, await binaryOf(Buffer.from(bytes), name)])),
  ),
})
const contents = (item: Item | undefined): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(item?.binary ?? {}).map(([key, { data, fileName }]) => [key, [fileName, Buffer.from(data, 'base64').toString()]]),
  )

test('several files into one archive and back, two of one name kept apart', async () => {
  const given = await itemWith({ one: ['a.txt', Buffer.from(text)], two: ['a.txt', Buffer.from('other')] })
  const packed = await runNode(compression, {
    items: [given],
    parameters: { operation: 'compress', outputFormat: 'zip', binaryPropertyName: 'one, two', fileName: 'all.zip' },
  })
  expect(packed.outputs[0]?.[0]).toMatchObject({ json: { a: 1 }, binary: { data: { fileName: 'all.zip', mimeType: 'application/zip' } } })
  const unpacked = await runNode(compression, { items: packed.outputs[0]!, parameters: { outputPrefix: 'f' } })
  expect(contents(unpacked.outputs[0]?.[0])).toEqual({ f0: ['a.txt', text], f1: ['a_1.txt', 'other'] })
})

test.each([1, 1.1])('gzip and back, version %d', async (typeVersion) => {
  const given = await itemWith({ data: ['a.txt', Buffer.from(text)] })
  const packed = await runNode(compression, { typeVersion, items: [given], parameters: { operation: 'compress', outputFormat: 'gzip' } })
  const field = typeVersion === 1 ? 'data0' : 'data'
  expect(packed.outputs[0]?.[0]?.binary).toMatchObject({ [field]: { fileName: 'a.txt.gz' } })
  const unpacked = await runNode(compression, { typeVersion, items: packed.outputs[0]!, parameters: { binaryPropertyName: field } })
  expect(contents(unpacked.outputs[0]?.[0])).toEqual({ file_0: ['a.txt', text] })
})

test('folders and what macOS adds are left out', async () => {
  const archive = zipSync({ 'in/': new Uint8Array(), 'in/a.txt': Buffer.from('a'), '__MACOSX/in/a.txt': Buffer.from('x') })
  const { outputs } = await runNode(compression, { items: [await itemWith({ data: ['x.zip', archive] })] })
  expect(contents(outputs[0]?.[0])).toEqual({ file_0: ['a.txt', 'a'] })
  expect(outputs[0]?.[0]?.binary?.['file_0']?.directory).toBe('in')
})

/** A zip whose lone entry says that it holds 2 GiB. */
const large = Buffer.from(zipSync({ 'a.txt': Buffer.from('a') }))
large.writeUInt32LE(2 ** 31, large.indexOf(Buffer.from('504b0102', 'hex')) + 24)

test('what would unpack to too much is refused before it does', async () => {
  const gzip = await itemWith({ data: ['bomb.gz', gzipSync(Buffer.alloc(257 * 2 ** 20), { level: 1 })] })
  await expect(runNode(compression, { items: [gzip] })).rejects.toMatchObject({ code: 'ARCHIVE_TOO_LARGE' })
  const zip = await itemWith({ data: ['bomb.zip', large] })
  await expect(runNode(compression, { items: [zip] })).rejects.toMatchObject({ code: 'ARCHIVE_TOO_LARGE' })
  const many = zipSync(Object.fromEntries(Array.from({ length: 10_001 }, (_, index) => [`${index}`, new Uint8Array()])))
  await expect(runNode(compression, { items: [await itemWith({ data: ['many.zip', many] })] })).rejects.toMatchObject({
    code: 'ARCHIVE_TOO_LARGE',
  })
})

test('an entry that claims to be small gives no more than it claims', async () => {
  const archive = Buffer.from(zipSync({ 'a.txt': [Buffer.alloc(10 * 2 ** 20, 'x'), { level: 6 }] }))
  const directory = archive.indexOf(Buffer.from('504b0102', 'hex'))
  archive.writeUInt32LE(1000, directory + 24)
  const run = runNode(compression, { items: [await itemWith({ data: ['liar.zip', archive] })] })
  const size = await run.then(
    ({ outputs }) => outputs[0]?.[0]?.binary?.['file_0']?.bytes ?? 0,
    () => 0,
  )
  expect(size).toBeLessThanOrEqual(1000)
})

test.each([
  ['no archive', 'a.txt', Buffer.from('words')],
  ['a damaged zip', 'a.zip', Buffer.from('PK words')],
  ['a damaged gzip', 'a.gz', gzipSync('words').subarray(0, 12)],
])('%s', async (_, name, bytes) => {
  await expect(runNode(compression, { items: [await itemWith({ data: [name, bytes] })] })).rejects.toMatchObject({ code: 'NODE_FAILED' })
})
