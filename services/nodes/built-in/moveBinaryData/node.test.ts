import type { Item } from '@weconnect/contracts/items'
import type { JsonObject } from '@weconnect/contracts/json'
import { itemsOf, runNode } from '@weconnect/testing/node-harness'
import { expect, test } from 'vitest'
import { binaryOf } from '../binary-data.ts'
import { moveBinaryData } from './node.ts'

const fileItem = async (bytes: Buffer, more: Partial<Item> = {}): Promise<Item> => ({
  json: { kept: 1 },
  ...more,
  binary: { ...more.binary, data: await binaryOf(bytes, 'a.json') },
})
const run = async (items: readonly Item[], parameters: JsonObject, typeVersion = 1): Promise<readonly Item[]> =>
  (await runNode(moveBinaryData, { items, parameters, typeVersion })).outputs[0]!
const textIn = (item: Item | undefined): string => Buffer.from(item?.binary?.['data']?.data ?? '', 'base64').toString()

test('a file becomes the item, or a field of it', async () => {
  const item = await fileItem(Buffer.from('{"a":1}'))
  expect(await run([item], {})).toEqual([{ json: { a: 1 }, pairedItem: { item: 0 } }])
  expect(await run([item], { setAllData: false, destinationKey: 'x.y', options: { jsonParse: true, keepSource: true } })).toEqual([
    { json: { kept: 1, x: { y: { a: 1 } } }, binary: item.binary, pairedItem: { item: 0 } },
  ])
})

test('encodings and the mark before a text', async () => {
  const item = await fileItem(Buffer.from([0xff, 0xfe, 0xe4, 0x00]))
  expect(await run([item], { setAllData: false, options: { encoding: 'utf16le' } })).toMatchObject([{ json: { data: 'ä' } }])
  expect(await run([item], { setAllData: false, options: { encoding: 'utf16le', stripBOM: false } })).toMatchObject([
    { json: { data: '\ufeffä' } },
  ])
  await expect(run([item], { setAllData: false, options: { encoding: 'klingon' } })).rejects.toThrow('encoding "klingon" is not known')
})

test('an item without the file is left out; a file that is no JSON fails', async () => {
  expect(await run(itemsOf({ a: 1 }), {})).toEqual([])
  await expect(run([await fileItem(Buffer.from('words'))], {})).rejects.toThrow('Not valid JSON')
  await expect(run([await fileItem(Buffer.from('[1]'))], {})).rejects.toThrow('no JSON object')
})

test('a name that reaches a prototype is no data', async () => {
  const [item] = await run([await fileItem(Buffer.from('{"__proto__":{"polluted":1},"a":1}'))], {})
  expect(item?.json).toEqual({ a: 1 })
  expect(({} as Record<string, unknown>)['polluted']).toBeUndefined()
})

test('data becomes a file', async () => {
  const [all] = await run(itemsOf({ a: 1 }), { mode: 'jsonToBinary' })
  expect([all?.json, textIn(all)]).toEqual([{}, '{"a":1}'])
  const field = { mode: 'jsonToBinary', convertAllData: false, sourceKey: 'a' }
  const [quoted] = await run(itemsOf({ a: 'text', b: 2 }), field)
  expect([quoted?.json, textIn(quoted)]).toEqual([{ b: 2 }, '"text"'])
  const [raw] = await run(itemsOf({ a: 'text' }), { ...field, options: { useRawData: true, keepSource: true, fileName: 'a.txt' } })
  expect([raw?.json, textIn(raw), raw?.binary?.['data']?.fileName]).toEqual([{ a: 'text' }, 'text', 'a.txt'])
  const [decoded] = await run(itemsOf({ a: 'd29yZHM=' }), { ...field, options: { dataIsBase64: true } })
  expect(textIn(decoded)).toBe('words')
  expect(textIn((await run(itemsOf({ a: 'text' }), field, 1.1))[0])).toBe('text')
  expect(await run(itemsOf({ b: 1 }), field)).toEqual([])
})
