import { expect, test } from 'vitest'
import { readSheet, writeSheet } from './spreadsheets.ts'

test('a large sheet is written and read in a process of its own, and gives the same rows', async () => {
  const items = Array.from({ length: 3_000 }, (_, id) => ({ json: { id, name: `Name ${id}`, address: { city: 'Berlin' } } }))
  const never = new AbortController().signal
  const file = await writeSheet(items, 'xlsx', {}, 'large', never)
  const rows = await readSheet(file, Buffer.from(file.data, 'base64'), 'content', {}, never)
  expect(rows).toHaveLength(3_000)
  expect(rows[2_999]).toEqual({ id: 2_999, name: 'Name 2999', 'address.city': 'Berlin' })
  const abort = new AbortController()
  abort.abort(new Error('cancelled'))
  await expect(writeSheet(items, 'xlsx', {}, 'large', abort.signal)).rejects.toThrow('cancelled')
  const bytes = Buffer.from(file.data, 'base64')
  await expect(readSheet(file, bytes, 'content', { sheetName: 'None' }, never)).rejects.toThrow('does not contain sheet called "None"')
}, 60_000)
