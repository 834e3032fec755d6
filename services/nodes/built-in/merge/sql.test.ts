import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { JsonObject } from '@weconnect/contracts/json'
import { itemsOf, type NodeRun, runNode } from '@weconnect/testing/node-harness'
import { afterAll, describe, expect, test } from 'vitest'
import { merge } from './node.ts'

const people = itemsOf({ id: 1, name: 'Ada', tags: ['a', 'b'], active: true }, { id: 2, name: 'Bob', tags: [], active: false })
const orders = itemsOf({ id: 10, person: 1, sum: 2.5 }, { id: 11, person: 1, sum: 4 })
const query = async (text: string, inputs: NodeRun['inputs'] = [people, orders], more: JsonObject = {}) =>
  (await runNode(merge, { inputs, parameters: { mode: 'combineBySql', query: text, ...more } })).outputs[0]!.map(({ json }) => json)

test('joins, sums and orders', async () => {
  expect(
    await query('SELECT name, sum(sum) AS total FROM input1 JOIN input2 ON input1.id = input2.person GROUP BY name ORDER BY name;'),
  ).toEqual([{ name: 'Ada', total: 6.5 }])
})

test('lists, objects and flags come back as they were; of two columns with one name the later wins unless it is empty', async () => {
  expect(await query('SELECT * FROM input1 LEFT JOIN input2 ON input1.id = input2.person AND input2.sum > 3')).toEqual([
    { id: 11, name: 'Ada', tags: ['a', 'b'], active: true, person: 1, sum: 4 },
    { id: 2, name: 'Bob', tags: [], active: false },
  ])
})

test('names that differ by case, names with quotes, and an input without items', async () => {
  const odd = itemsOf({ 'a"b': 1, A: 2, a: 3 })
  expect(await query('SELECT * FROM input1 LEFT JOIN input2', [odd, []])).toEqual([{ 'a"b': 1, A: 2, a_2: 3 }])
})

test('a field that no row has is left out, one that is null stays', async () => {
  const rows = itemsOf({ a: 1, n: null }, { b: 2 })
  expect(await query('SELECT * FROM input1', [rows, []])).toEqual([
    { a: 1, n: null },
    { n: null, b: 2 },
  ])
  expect(await query('SELECT max(a) AS m FROM input1 WHERE a > 9', [rows, []])).toEqual([{ m: null }])
})

test('more inputs, and the empty answer', async () => {
  expect(await query('SELECT count(*) AS n FROM input3', [[], [], people], { numberInputs: 3 })).toEqual([{ n: 2 }])
  expect(await query('SELECT * FROM input1 WHERE 0')).toEqual([])
  expect(await query('SELECT * FROM input1 WHERE 0', undefined, { options: { emptyQueryResult: 'success' } })).toEqual([{ success: true }])
})

test.each([
  [
    'SELECT name, sum FROM input1 JOIN input2 ON input1.id = input2.person',
    [
      [0, 0],
      [0, 1],
    ],
  ],
  ['SELECT p.name FROM input1 AS p LEFT JOIN input2 o ON p.id = o.person AND o.sum > 3', [[0, 1], [1]]],
  ['SELECT * FROM input1 WHERE id IN (SELECT person FROM input2)', [[0]]],
  ["SELECT input1.name, input2.sum FROM input1, input2 WHERE sum > 3 AND name = 'Bob'", [[1, 1]]],
  ['SELECT count(*) AS n FROM input1', [[]]],
  ['SELECT name FROM input1 ORDER BY 1 DESC', [[], []]],
])('a row is paired with those it was made from: %s', async (text, pairs) => {
  const { outputs } = await runNode(merge, { inputs: [people, orders], parameters: { mode: 'combineBySql', query: text } })
  const items = outputs[0]!.map(({ pairedItem }) =>
    Array.isArray(pairedItem) ? pairedItem.map((pair) => (pair as { item: number }).item) : [],
  )
  expect(items).toEqual(pairs)
})

test('a mistake is named', async () => {
  await expect(query('SELECT absent FROM input1')).rejects.toMatchObject({
    code: 'NODE_FAILED',
    message: expect.stringContaining('no such column: absent'),
  })
})

const folder = mkdtempSync(join(tmpdir(), 'weconnect-sql-'))
writeFileSync(join(folder, 'secret.txt'), 'secret')
afterAll(() => rmSync(folder, { recursive: true }))
const target = join(folder, 'made.db')

describe('nothing but reading, and no file', () => {
  test.each([
    `ATTACH DATABASE '${target}' AS x`,
    `SELECT 1; ATTACH DATABASE '${target}' AS x`,
    `/* SELECT */ ATTACH '${target}' AS x`,
    `VACUUM INTO '${target}'`,
    'PRAGMA database_list',
    'DELETE FROM input1',
    "WITH x AS (SELECT 1) INSERT INTO input1 (name) SELECT 'x'",
    'WITH x AS (SELECT 1) DELETE FROM input1',
    `SELECT readfile('${join(folder, 'secret.txt')}')`,
    `SELECT writefile('${target}', 'x')`,
    "SELECT load_extension('/lib/x86_64-linux-gnu/libc.so.6')",
    '',
    '-- SELECT 1',
  ])('%s', async (text) => {
    await expect(query(text)).rejects.toMatchObject({ code: 'NODE_FAILED' })
    expect(existsSync(target)).toBe(false)
  })

  test('a word in a text or a comment is no second statement', async () => {
    expect(await query("SELECT '; DROP TABLE input1' AS a -- ; DELETE")).toEqual([{ a: '; DROP TABLE input1' }])
  })
})

test('a query that never ends is given up, and the process stays free meanwhile', async () => {
  let turns = 0
  const count = setInterval(() => (turns += 1), 10)
  const endless = 'WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT sum(i) AS s FROM n'
  await expect(query(endless)).rejects.toThrow('The query took longer than')
  clearInterval(count)
  expect(turns).toBeGreaterThan(10)
}, 60_000)

test('a query that makes too much is given up', async () => {
  const rows = 'WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i FROM n'
  await expect(query(rows)).rejects.toMatchObject({ code: 'NODE_FAILED' })
  await expect(query("SELECT length(replace(hex(zeroblob(500000000)), '0', 'xxxxxxxx')) AS l")).rejects.toMatchObject({
    code: 'NODE_FAILED',
  })
}, 60_000)
