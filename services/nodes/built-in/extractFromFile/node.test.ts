import { deflateSync } from 'node:zlib'
import type { Item } from '@weconnect/contracts/items'
import type { JsonObject } from '@weconnect/contracts/json'
import { runNode } from '@weconnect/testing/node-harness'
import { describe, expect, test } from 'vitest'
import { binaryOf } from '../binary-data.ts'
import { readPDF } from '../readPDF/node.ts'
import { extractFromFile } from './node.ts'

const itemWith = async (bytes: Buffer, name: string): Promise<Item> => ({
  json: { kept: 1 },
  binary: { data: await binaryOf(bytes, name) },
})
const extract = async (item: Item, parameters: JsonObject): Promise<readonly Item[]> =>
  (await runNode(extractFromFile, { items: [item], parameters })).outputs[0]!

describe('text', () => {
  test.each([
    ['text', 'words', 'words'],
    ['xml', '<a>1</a>', '<a>1</a>'],
    ['fromJson', '{"a":[1]}', { a: [1] }],
    ['fromJson', ' ', {}],
    ['binaryToPropery', 'words', 'd29yZHM='],
  ])('%s of %j', async (operation, text, wanted) => {
    expect(await extract(await itemWith(Buffer.from(text), 'a.txt'), { operation, destinationKey: 'x.y' })).toEqual([
      { json: { x: { y: wanted } }, pairedItem: { item: 0 } },
    ])
  })

  test('keeps of the item what it is told to', async () => {
    const item = await itemWith(Buffer.from('words'), 'a.txt')
    const kept = (keepSource: string) => extract(item, { operation: 'text', options: { keepSource } })
    expect(await kept('json')).toEqual([{ json: { kept: 1, data: 'words' }, pairedItem: { item: 0 } }])
    expect(await kept('binary')).toEqual([{ json: { data: 'words' }, binary: item.binary, pairedItem: { item: 0 } }])
    expect(await kept('both')).toEqual([{ json: { kept: 1, data: 'words' }, binary: item.binary, pairedItem: { item: 0 } }])
  })

  test('without the file, or with one that is no JSON', async () => {
    await expect(extract({ json: {} }, { operation: 'text' })).rejects.toThrow("a binary file 'data', but none was found [item 0]")
    await expect(extract(await itemWith(Buffer.from('{'), 'a.json'), { operation: 'fromJson' })).rejects.toThrow('Not valid JSON: the file')
    await expect(extract(await itemWith(Buffer.from('words'), 'a.ics'), { operation: 'fromIcs' })).rejects.toThrow('no calendar')
  })
})

/** A PDF of pages, each with its lines. */
const pdf = (pages: readonly (readonly string[])[], compress = false): Buffer => {
  const objects: string[] = []
  const kids = pages.map((_, index) => `${3 + index * 2} 0 R`).join(' ')
  objects.push('<< /Type /Catalog /Pages 2 0 R >>', `<< /Type /Pages /Kids [${kids}] /Count ${pages.length} >>`)
  const font = '<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>'
  for (const [index, lines] of pages.entries()) {
    const shown = `BT /F1 12 Tf ${lines.map((line, row) => `1 0 0 1 50 ${700 - row * 20} Tm (${line}) Tj`).join(' ')} ET`
    const stream = compress ? deflateSync(shown).toString('latin1') : shown
    objects.push(
      `<< /Type /Page /Parent 2 0 R /MediaBox [0 0 600 800] /Resources << /Font << /F1 ${font} >> >> /Contents ${4 + index * 2} 0 R >>`,
    )
    objects.push(`<< /Length ${stream.length}${compress ? ' /Filter /FlateDecode' : ''} >>\nstream\n${stream}\nendstream`)
  }
  let text = '%PDF-1.4\n'
  const offsets = objects.map((object, index) => {
    const offset = text.length
    text += `${index + 1} 0 obj\n${object}\nendobj\n`
    return offset
  })
  const table = offsets.map((offset) => `${String(offset).padStart(10, '0')} 00000 n \n`).join('')
  const size = objects.length + 1
  return Buffer.from(
    `${text}xref\n0 ${size}\n0000000000 65535 f \n${table}trailer\n<< /Size ${size} /Root 1 0 R >>\nstartxref\n${text.length}\n%%EOF`,
    'latin1',
  )
}

describe('PDF', () => {
  test('the text of all pages, lines apart', async () => {
    const item = await itemWith(pdf([['one', 'two'], ['three']], true), 'a.pdf')
    const [made] = await extract(item, { operation: 'pdf' })
    expect(made?.json).toMatchObject({ numpages: 2, numrender: 2, info: { PDFFormatVersion: '1.4' }, text: 'one\ntwo\n\nthree' })
    const { outputs } = await runNode(readPDF, { items: [item] })
    expect(outputs[0]?.[0]).toMatchObject({ json: { text: 'one\ntwo\n\nthree' }, binary: item.binary })
  })

  test('pages apart, and some of them', async () => {
    const item = await itemWith(pdf([['one'], ['two'], ['three']]), 'a.pdf')
    const [made] = await extract(item, { operation: 'pdf', options: { joinPages: false, maxPages: 2, keepSource: 'json' } })
    expect(made?.json).toMatchObject({ kept: 1, numpages: 3, numrender: 2, text: ['one', 'two'] })
  })

  test('what is no PDF, and one that would unpack to too much', async () => {
    await expect(extract(await itemWith(Buffer.from('words'), 'a.pdf'), { operation: 'pdf' })).rejects.toMatchObject({
      code: 'NODE_FAILED',
      message: expect.stringContaining('no PDF'),
    })
    const bomb = deflateSync(Buffer.alloc(257 * 2 ** 20), { level: 1 })
    const bytes = Buffer.concat([Buffer.from('%PDF-1.4\n1 0 obj\n<< /Filter /FlateDecode >>\nstream\n'), bomb, Buffer.from('\nendstream')])
    const nested = Buffer.concat([Buffer.from('%PDF-1.4\nstream\n'), deflateSync(bomb), Buffer.from('\nendstream')])
    for (const each of [bytes, nested])
      await expect(extract(await itemWith(each, 'a.pdf'), { operation: 'pdf' })).rejects.toMatchObject({ code: 'ARCHIVE_TOO_LARGE' })
  })
})
