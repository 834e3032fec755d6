import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Item } from '@weconnect/contracts/items'
import { openFolderFiles } from '@weconnect/files/folder-files'
import { runNode } from '@weconnect/testing/node-harness'
import { afterAll, describe, expect, test } from 'vitest'
import { readBinaryFile } from './readBinaryFile/node.ts'
import { readBinaryFiles } from './readBinaryFiles/node.ts'
import { readWriteFile } from './readWriteFile/node.ts'
import { writeBinaryFile } from './writeBinaryFile/node.ts'

const root = mkdtempSync(join(tmpdir(), 'weconnect-file-nodes-'))
const allowed = join(root, 'allowed')
mkdirSync(allowed)
writeFileSync(join(allowed, 'a.txt'), 'first')
writeFileSync(join(allowed, 'b.txt'), 'second')
writeFileSync(join(root, 'secret.txt'), 'secret')
symlinkSync(join(root, 'secret.txt'), join(allowed, 'link.txt'))
afterAll(() => rmSync(root, { recursive: true }))

const files = openFolderFiles({ folders: [allowed] })
const base64 = (text: string): string => Buffer.from(text).toString('base64')
const item: Item = { json: { a: 1 }, binary: { data: { data: base64('new'), mimeType: 'text/plain', fileName: 'c.txt' } } }

test('Read Binary File puts a file beside what the item has', async () => {
  const { outputs } = await runNode(readBinaryFile, { files, items: [item], parameters: { filePath: 'a.txt', dataPropertyName: 'other' } })
  expect(outputs[0]).toMatchObject([
    { json: { a: 1 }, binary: { data: { fileName: 'c.txt' }, other: { data: base64('first'), fileName: 'a.txt', fileSize: '5 B' } } },
  ])
})

test('Read Binary Files makes an item of each file, made of all items', async () => {
  const { outputs } = await runNode(readBinaryFiles, { files, items: [item, item], parameters: { fileSelector: '{a,b}.txt' } })
  expect(outputs[0]?.map(({ binary, pairedItem }) => [binary?.['data']?.fileName, pairedItem])).toEqual([
    ['a.txt', [{ item: 0 }, { item: 1 }]],
    ['b.txt', [{ item: 0 }, { item: 1 }]],
  ])
})

test('Write Binary File writes and appends, and says where', async () => {
  const parameters = { fileName: 'out.txt', options: { append: true } }
  const { outputs } = await runNode(writeBinaryFile, { files, items: [item, item], parameters })
  expect(readFileSync(join(allowed, 'out.txt'), 'utf8')).toBe('newnew')
  expect(outputs[0]?.[1]).toMatchObject({ json: { a: 1, fileName: 'out.txt' }, binary: item.binary })
})

test('Read/Write Files reads by a pattern, renames, and writes', async () => {
  const options = { fileName: 'x.csv', mimeType: 'text/csv', dataPropertyName: 'file' }
  const read = await runNode(readWriteFile, { files, parameters: { fileSelector: 'a.*', options } })
  expect(read.outputs[0]).toEqual([
    {
      json: { mimeType: 'text/csv', fileType: 'text', fileName: 'x.csv', fileExtension: 'txt', fileSize: '5 B' },
      binary: { file: expect.objectContaining({ data: base64('first'), mimeType: 'text/csv', fileName: 'x.csv' }) },
      pairedItem: { item: 0 },
    },
  ])
  const written = await runNode(readWriteFile, {
    files,
    items: [item],
    parameters: { operation: 'write', fileName: '=w-{{ $json.a }}.txt' },
  })
  expect(written.outputs[0]).toMatchObject([{ json: { a: 1, fileName: 'w-1.txt' } }])
  expect(readFileSync(join(allowed, 'w-1.txt'), 'utf8')).toBe('new')
})

describe.each(['../secret.txt', join(root, 'secret.txt'), 'link.txt', '/etc/passwd', '/dev/zero'])('%s', (path) => {
  test('is out of reach of every node', async () => {
    for (const [node, parameters] of [
      [readBinaryFile, { filePath: path }],
      [readBinaryFiles, { fileSelector: path }],
      [readWriteFile, { fileSelector: path }],
      [writeBinaryFile, { fileName: path }],
      [readWriteFile, { operation: 'write', fileName: path }],
    ] as const) {
      const run = runNode(node, { files, items: [item], parameters }).then(({ outputs }) => outputs)
      await expect(run).rejects.toMatchObject({ code: expect.stringMatching(/^FILE_/) })
    }
    expect(readFileSync(join(root, 'secret.txt'), 'utf8')).toBe('secret')
  })
})

test('an item that fails becomes its error when the node goes on', async () => {
  const { outputs } = await runNode(readBinaryFile, {
    files,
    items: [{ json: { path: '../secret.txt' } }, { json: { path: 'a.txt' } }],
    parameters: { filePath: '={{ $json.path }}' },
    onError: 'continueRegularOutput',
  })
  expect(outputs[0]).toMatchObject([{ json: { error: expect.stringContaining('outside') } }, { binary: { data: { fileName: 'a.txt' } } }])
})

test('a file that is not there', async () => {
  await expect(runNode(readBinaryFile, { files, parameters: { filePath: 'none.txt' } })).rejects.toThrow('"none.txt" is not there')
})
