import type { BinaryData, Item } from '@weconnect/contracts/items'
import type { JsonObject } from '@weconnect/contracts/json'
import { itemsOf, runNode } from '@weconnect/testing/node-harness'
import { zipSync } from 'fflate'
import { describe, expect, test } from 'vitest'
import { binaryOf } from '../binary-data.ts'
import { spreadsheetFile } from './node.ts'

const write = async (items: readonly Item[], fileFormat: string, options: JsonObject = {}): Promise<readonly Item[]> =>
  (await runNode(spreadsheetFile, { items, parameters: { operation: 'toFile', fileFormat, options } })).outputs[0]!
const read = async (file: BinaryData, parameters: JsonObject = {}, typeVersion = 2): Promise<readonly JsonObject[]> => {
  const { outputs } = await runNode(spreadsheetFile, { items: [{ json: {}, binary: { data: file } }], parameters, typeVersion })
  return outputs[0]!.map(({ json }) => json)
}
const people = itemsOf({ name: 'Ann', age: 3, at: { city: 'Köln' } }, { name: 'Bob', age: 4, at: { city: 'Bonn' } })
const rows = [
  { name: 'Ann', age: 3, 'at.city': 'Köln' },
  { name: 'Bob', age: 4, 'at.city': 'Bonn' },
]

describe.each(['html', 'ods', 'xls', 'xlsx'])('%s', (format) => {
  test('written and read gives the same rows', async () => {
    const made = await write(people, format)
    expect(made).toMatchObject([{ json: {}, pairedItem: [{ item: 0 }, { item: 1 }] }])
    expect(made[0]?.binary?.['data']?.fileName).toBe(`spreadsheet.${format}`)
    expect(await read(made[0]!.binary!['data']!)).toEqual(rows)
    expect(await read(made[0]!.binary!['data']!, {}, 1)).toEqual(rows)
  })
})

test('rtf is written', async () => {
  const [made] = await write(people, 'rtf')
  expect(Buffer.from(made!.binary!['data']!.data, 'base64').toString()).toMatch(/^\{\\rtf1/)
})

const csv = (text: string): Promise<BinaryData> => binaryOf(Buffer.from(text), 'a.csv')

test('the values of CSV stay texts in version 2 and become what they look like in version 1', async () => {
  const file = await csv('a,b\n1,\n,x\n')
  expect(await read(file)).toEqual([{ a: '1' }, { b: 'x' }])
  expect(await read(file, { options: { includeEmptyCells: true } })).toEqual([
    { a: '1', b: '' },
    { a: '', b: 'x' },
  ])
  expect(await read(file, {}, 1)).toEqual([{ a: 1 }, { b: 'x' }])
})

test('options of CSV', async () => {
  const file = await csv('skipped\na;b\n1;2\n3;4\n')
  const options = { delimiter: ';', fromLine: 2, maxRowCount: 1 }
  expect(await read(file, { fileFormat: 'csv', options })).toEqual([{ a: '1', b: '2' }])
  expect(await read(await csv('1,2\n'), { options: { headerRow: false } })).toEqual([{ row: ['1', '2'] }])
  await expect(read(await csv('a,b\n1,2,3\n'))).rejects.toMatchObject({ code: 'NODE_FAILED', message: expect.stringContaining('line 2') })
  const [written] = await write(people, 'csv', { delimiter: ';', headerRow: false, fileName: 'x.csv' })
  expect(Buffer.from(written!.binary!['data']!.data, 'base64').toString()).toBe('\ufeffAnn;3;Köln\nBob;4;Bonn')
})

test('rows of CSV with errors are left out when it is asked for, up to a number', async () => {
  const file = await csv('a,b\n1,2,3\n4,5\n6\n7,8\n')
  const skipping = (value: JsonObject) => read(file, { options: { skipRecordsWithErrors: { value } } })
  const whole = [
    { a: '4', b: '5' },
    { a: '7', b: '8' },
  ]
  expect(await skipping({ enabled: true })).toEqual(whole)
  expect(await skipping({ enabled: true, maxSkippedRecords: 2 })).toEqual(whole)
  const refusal = { code: 'NODE_FAILED', message: expect.stringMatching(/^More than 1 row has errors.* line 4$/) }
  await expect(skipping({ enabled: true, maxSkippedRecords: 1 })).rejects.toMatchObject(refusal)
  await expect(skipping({ enabled: false })).rejects.toMatchObject({ message: expect.stringContaining('line 2') })
})

test('sheets, ranges and rows without names', async () => {
  const [made] = await write(people, 'xlsx', { sheetName: 'People' })
  const file = made!.binary!['data']!
  expect(await read(file, { options: { sheetName: 'People', range: 'A1:A2' } })).toEqual([{ name: 'Ann' }])
  expect(await read(file, { options: { headerRow: false, range: '1' } })).toEqual([
    { row: ['Ann', 3, 'Köln'] },
    { row: ['Bob', 4, 'Bonn'] },
  ])
  await expect(read(file, { options: { sheetName: 'None' } })).rejects.toThrow('does not contain sheet called "None"')
})

test('a sheet that says it is endless ends the step and not the process', async () => {
  const { unzipSync, strFromU8, strToU8 } = await import('fflate')
  const [xlsx] = await write(itemsOf({ a: 1 }), 'xlsx')
  const parts = unzipSync(Buffer.from(xlsx!.binary!['data']!.data, 'base64'))
  const sheet = 'xl/worksheets/sheet1.xml'
  parts[sheet] = strToU8(strFromU8(parts[sheet]!).replace(/<dimension ref="[^"]*"\/>/, '<dimension ref="A1:XFD1048576"/>'))
  const file = await binaryOf(Buffer.from(zipSync(parts)), 'endless.xlsx')
  const result = await read(file, { options: { includeEmptyCells: true } }).catch((error: unknown) => error)
  expect(result).toSatisfy((value) => Array.isArray(value) || (value as { code?: string }).code === 'NODE_FAILED')
})

test('a spreadsheet that would unpack to too much is refused', async () => {
  const bomb = Buffer.from(zipSync({ 'xl/worksheets/sheet1.xml': Buffer.from('<x/>') }))
  bomb.writeUInt32LE(2 ** 31, bomb.indexOf(Buffer.from('504b0102', 'hex')) + 24)
  await expect(read(await binaryOf(bomb, 'bomb.xlsx'))).rejects.toMatchObject({ code: 'ARCHIVE_TOO_LARGE' })
})
