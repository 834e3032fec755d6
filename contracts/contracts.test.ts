import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { errorCodes, publicError, WeConnectError } from './errors.ts'
import { eventCatalogue } from './events/catalogue.ts'
import { ExecutionId, familyOf, idOf, streamOf } from './ids.ts'
import { topics } from './topics.ts'

const here = (path: string): URL => new URL(path, import.meta.url)

test('docs/errors.md and the table of errors say the same', () => {
  const rows = [...readFileSync(here('../docs/errors.md'), 'utf8').matchAll(/^\| `(\w+)` \| (\d+) \| (yes|no) \| (.+) \|$/gm)]
  const documented = Object.fromEntries(
    rows.map(([, code, status, again]) => [code, { status: Number(status), retryable: again === 'yes' }]),
  )
  expect(documented).toEqual(errorCodes)
})

test('every family of events has a topic, and every topic a family', () => {
  expect(new Set(Object.keys(topics))).toEqual(new Set(Object.values(eventCatalogue).map(({ family }) => family)))
})

test('every event has a schema in the folder of its family, with a text for every field', () => {
  for (const [event, { family, version }] of Object.entries(eventCatalogue)) {
    const schema = JSON.parse(readFileSync(here(`schemas/${family}/${event}.avsc`), 'utf8'))
    expect(schema).toMatchObject({ type: 'record', name: event, namespace: 'weconnect', version, doc: expect.stringMatching(/\.$/) })
    for (const field of schema.fields) expect(field.doc, `${event}.${field.name}`).toMatch(/\S/)
  }
})

test('contracts import nothing of ours and no package', () => {
  const files = readdirSync(here('.'), { recursive: true, encoding: 'utf8' }).filter(
    (file) => file.endsWith('.ts') && !file.endsWith('.test.ts'),
  )
  for (const file of files) {
    const outside = [...readFileSync(here(file), 'utf8').matchAll(/from '([^'.][^']*)'/g)].map(([, specifier]) => specifier)
    expect(outside, file).toEqual([])
  }
})

describe('ids', () => {
  const id = '6f5cbb1e-3a5e-5d0c-9b0a-0a1d2c3b4e5f'
  test('are lower-case UUIDs', () => {
    expect(ExecutionId(id)).toBe(id)
    for (const wrong of ['', 'x', id.toUpperCase(), ` ${id}`, `${id}0`])
      expect(() => ExecutionId(wrong)).toThrow('must be a lower-case UUID')
  })
  test('name streams, also when they hold dashes', () => {
    expect(streamOf('execution', id)).toBe(`execution-${id}`)
    expect([familyOf(`execution-${id}`), idOf(`execution-${id}`)]).toEqual(['execution', id])
  })
})

describe('errors', () => {
  test('a coded error shows its message, any other error shows nothing of itself', () => {
    expect(publicError(new WeConnectError('NOT_FOUND', 'No workflow "x"'))).toEqual({
      status: 404,
      code: 'NOT_FOUND',
      message: 'No workflow "x"',
      problems: [],
    })
    expect(JSON.stringify(publicError(new Error('password=hunter2')))).not.toContain('hunter2')
    expect(publicError(new Error('x')).status).toBe(500)
  })
})
