import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { AvroRecord } from '@weconnect/kafka/avro-schema'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { freezeSchemas } from './freeze-schemas.ts'
import { schemaProblems } from './schema-compatibility.ts'
import { root } from './workspace.ts'

let repository = ''
beforeEach(() => {
  repository = mkdtempSync(join(tmpdir(), 'weconnect-schemas-'))
})
afterEach(() => rmSync(repository, { recursive: true }))

type Fields = AvroRecord['fields']
const text: NonNullable<Fields>[number] = { name: 'text', type: 'string', doc: 'Text.' }
const optional = { name: 'more', type: ['null', 'string'], default: null, doc: 'More.' }

const write = (kind: string, name: string, schema: object): void => {
  mkdirSync(join(repository, 'contracts/schemas', kind), { recursive: true })
  const record = { type: 'record', name, namespace: 'weconnect', doc: 'A test.', ...schema }
  writeFileSync(join(repository, 'contracts/schemas', kind, `${name}.avsc`), JSON.stringify(record))
}
const noted = (version: number, fields: Fields, doc = 'A test.'): void => write('note', 'NoteTaken', { version, fields, doc })

test('a schema that is not frozen is reported, and freezing cures it', () => {
  noted(1, [text])
  expect(schemaProblems(repository)).toEqual([expect.stringContaining('not in contracts/history')])
  expect(freezeSchemas(repository)).toEqual(['contracts/history/NoteTaken/v1.avsc'])
  expect(schemaProblems(repository)).toEqual([])
  expect(freezeSchemas(repository)).toEqual([])
})

test('a change without a new version is reported; a change of prose is none', () => {
  noted(1, [text])
  freezeSchemas(repository)
  noted(1, [text], 'Better words.')
  expect(schemaProblems(repository)).toEqual([])
  noted(1, [text, optional])
  expect(schemaProblems(repository)).toEqual([expect.stringContaining('the schema changed but its version is still 1')])
})

test('an optional field is compatible both ways', () => {
  noted(1, [text])
  freezeSchemas(repository)
  noted(2, [text, optional])
  freezeSchemas(repository)
  expect(schemaProblems(repository)).toEqual([])
})

test('a version that is skipped is reported', () => {
  noted(1, [text])
  freezeSchemas(repository)
  noted(3, [text, optional])
  expect(schemaProblems(repository)).toEqual([expect.stringContaining('must be 1 (unchanged) or 2 (changed)')])
})

test.each([
  ['a required field is added', [text, { name: 'more', type: 'string', doc: 'More.' }], 'version 2 cannot read version 1'],
  ['a required field is removed', [], 'version 1 cannot read version 2'],
  ['a type changes', [{ name: 'text', type: 'int', doc: 'Text.' }], 'version 2 cannot read version 1'],
])('refused: %s', (_, fields, message) => {
  noted(1, [text])
  freezeSchemas(repository)
  noted(2, fields)
  freezeSchemas(repository)
  expect(schemaProblems(repository)).toEqual(expect.arrayContaining([expect.stringContaining(message)]))
})

test('the check is transitive: what was optional once may not come back as something else', () => {
  noted(1, [text, optional])
  freezeSchemas(repository)
  noted(2, [text])
  freezeSchemas(repository)
  noted(3, [text, { ...optional, type: ['null', 'int'] } as typeof text])
  freezeSchemas(repository)
  expect(schemaProblems(repository)).toEqual(expect.arrayContaining([expect.stringContaining('version 3 cannot read version 1')]))
})

test('a change of a type is a change of the events that use it', () => {
  write('types', 'Place', { fields: [text] })
  noted(1, [{ name: 'place', type: 'weconnect.Place', doc: 'Where.' } as typeof text])
  freezeSchemas(repository)
  write('types', 'Place', { fields: [text, optional] })
  expect(schemaProblems(repository)).toEqual([expect.stringContaining('the schema changed but its version is still 1')])
})

test('a shipped event never disappears', () => {
  noted(1, [text])
  freezeSchemas(repository)
  rmSync(join(repository, 'contracts/schemas/note/NoteTaken.avsc'))
  write('note', 'NoteRead', { version: 1, fields: [text] })
  freezeSchemas(repository)
  expect(schemaProblems(repository)).toEqual([expect.stringContaining('NoteTaken: was shipped')])
})

test('every schema of this repository can be frozen and is compatible with itself', () => {
  cpSync(join(root, 'contracts/schemas'), join(repository, 'contracts/schemas'), { recursive: true })
  freezeSchemas(repository)
  expect(schemaProblems(repository)).toEqual([])
})
