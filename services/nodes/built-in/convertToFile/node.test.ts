import type { Item } from '@weconnect/contracts/items'
import type { JsonObject } from '@weconnect/contracts/json'
import { itemsOf, runNode } from '@weconnect/testing/node-harness'
import { describe, expect, test } from 'vitest'
import { extractFromFile } from '../extractFromFile/node.ts'
import { convertToFile } from './node.ts'

const convert = async (items: readonly Item[], parameters: JsonObject, typeVersion = 1.1): Promise<readonly Item[]> =>
  (await runNode(convertToFile, { items, parameters, typeVersion })).outputs[0]!
const textIn = (item: Item | undefined, name = 'data'): string => Buffer.from(item?.binary?.[name]?.data ?? '', 'base64').toString()
const rows = itemsOf({ a: 1, b: 'x' }, { a: 2, b: 'ü' })

describe.each(['csv', 'html', 'ods', 'xls', 'xlsx'])('%s', (operation) => {
  test('is one file of all items, which gives them back', async () => {
    const [made, ...others] = await convert(rows, { operation })
    expect(others).toEqual([])
    expect(made).toMatchObject({ json: {}, binary: { data: { fileName: `file.${operation}` } }, pairedItem: [{ item: 0 }, { item: 1 }] })
    const { outputs } = await runNode(extractFromFile, { items: [made!], parameters: { operation, options: { enableBOM: true } } })
    const wanted = rows.map(({ json }) => (operation === 'csv' ? { ...json, a: String(json['a']) } : json))
    expect(outputs[0]?.map(({ json }) => json)).toEqual(wanted)
  })
})

test('JSON of all items, or of each', async () => {
  expect((await convert(rows, { operation: 'toJson' })).map((item) => textIn(item))).toEqual(['[{"a":1,"b":"x"},{"a":2,"b":"ü"}]'])
  const each = await convert(rows, { operation: 'toJson', mode: 'each', options: { format: true, fileName: '=f{{ $json.a }}.json' } })
  expect(each.map((item) => [textIn(item), item.binary?.['data']?.fileName, item.pairedItem])).toEqual([
    ['{\n  "a": 1,\n  "b": "x"\n}', 'f1.json', { item: 0 }],
    ['{\n  "a": 2,\n  "b": "ü"\n}', 'f2.json', { item: 1 }],
  ])
})

test('text, in an encoding', async () => {
  const [made] = await convert(rows.slice(1), { operation: 'toText', sourceProperty: 'b', options: { encoding: 'utf16le', addBOM: true } })
  expect([...Buffer.from(made!.binary!['data']!.data, 'base64')]).toEqual([0xff, 0xfe, 0xfc, 0x00])
  await expect(convert(rows, { operation: 'toText', sourceProperty: 'none' })).rejects.toThrow('The value in "none" is not set')
})

test('base64 becomes a file that is named by what it is', async () => {
  const png = Buffer.from('89504e470d0a1a0a', 'hex').toString('base64')
  const [plain] = await convert(itemsOf({ list: [{ image: png }] }), { operation: 'toBinary', sourceProperty: 'list[0].image' })
  expect(plain?.binary?.['data']).toMatchObject({ data: png, fileName: 'file.png', mimeType: 'image/png' })
  const [linked] = await convert(itemsOf({ url: `data:image/gif;base64,${png}` }), { operation: 'toBinary', sourceProperty: 'url' })
  expect(linked?.binary?.['data']).toMatchObject({ data: png, fileName: 'file.gif' })
  const text = { operation: 'toBinary', sourceProperty: 't', options: { dataIsBase64: false, fileName: 'a.txt', mimeType: 'text/x' } }
  expect(textIn((await convert(itemsOf({ t: 'words' }), text, 1))[0])).toBe('words')
})

describe('a calendar', () => {
  const event = {
    operation: 'iCal',
    title: 'Lunch; at 12, "long"',
    start: '2026-03-01T12:00:00',
    end: '2026-03-01T13:00:00',
    additionalFields: {
      description: `line one\nX-OTHER:1 ${'ä'.repeat(60)}`,
      attendeesUi: { attendeeValues: [{ name: 'Bob "B"', email: 'b@x.y\r\nX:1', rsvp: true }] },
      recurrenceRule: 'FREQ=DAILY;COUNT=2',
      uid: 'u1',
    },
  }
  test('comes back as it was, whatever the texts hold', async () => {
    const [made] = await convert(itemsOf({}), event)
    const lines = textIn(made).split('\r\n')
    expect(lines.every((line) => Buffer.byteLength(line) <= 75)).toBe(true)
    expect(made?.binary?.['data']).toMatchObject({ fileName: 'event.ics', mimeType: 'text/calendar' })
    const { outputs } = await runNode(extractFromFile, { items: [made!], parameters: { operation: 'fromIcs' } })
    expect(outputs[0]?.[0]?.json['data']).toMatchObject({
      events: [
        {
          uid: 'u1',
          summary: event.title,
          description: event.additionalFields.description,
          start: { date: '2026-03-01T17:00:00.000Z' },
          end: { date: '2026-03-01T18:00:00.000Z' },
          recurrenceRule: { frequency: 'DAILY', count: 2 },
          attendees: [{ email: 'b@x.yX:1' }],
        },
      ],
    })
  })

  test('of a whole day ends on the next', async () => {
    const [made] = await convert(itemsOf({}), { ...event, allDay: true })
    expect(textIn(made)).toContain('DTSTART;VALUE=DATE:20260301\r\nDTEND;VALUE=DATE:20260302')
  })

  test('refuses times that are none', async () => {
    await expect(convert(itemsOf({}), { ...event, start: 'noon' })).rejects.toThrow('The start "noon" is no date')
    await expect(convert(itemsOf({}), { ...event, end: '2026-02-01' })).rejects.toThrow('ends before it starts')
  })
})

test('what is not known is refused', async () => {
  await expect(convert(rows, { operation: 'toGold' })).rejects.toThrow('"toGold" is not supported')
})
