import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { builtInNodes } from '@weconnect/nodes/built-in/all'
import { expect, test } from 'vitest'
import { byHand, notesIn, pageOf, withHandwriting } from './node-page.ts'

const folders = fileURLToPath(new URL('../../services/nodes/built-in/', import.meta.url))

test('every folder of a node has its page, and every node its folder', () => {
  const found = readdirSync(folders, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name)
  const nodes = new Set(builtInNodes.map(({ definition: { name } }) => name.slice(name.lastIndexOf('.') + 1)))
  expect(found.toSorted()).toEqual([...nodes].toSorted())
  expect(found.filter((folder) => !existsSync(`${folders}${folder}/README.md`))).toEqual([])
})

test('the pages follow from the definitions', () => {
  const script = fileURLToPath(new URL('generate-node-pages.ts', import.meta.url))
  expect(() => execFileSync(process.execPath, [script, '--check'], { stdio: 'pipe' })).not.toThrow()
})

test('a page says what is missing and how things are read, and keeps what was written by hand', () => {
  const compatibility = `
| n8n-nodes-base.thing | 1, 2 | most | the [moon](moon.md#dark) |

| thing, other | it is round |
| thing 2 and later | it is blue |
| something | else |
`
  const notes = notesIn(compatibility).get('thing')!
  expect(notes).toEqual({
    state: 'most',
    missing: 'the [moon](../../../../docs/moon.md#dark)',
    readings: ['thing, other: it is round', 'thing 2 and later: it is blue'],
  })
  const page = pageOf(
    [
      {
        ...{ name: 'n8n-nodes-base.thing', displayName: 'Thing', description: 'A thing.', category: 'data', versions: [1, 2] },
        ...{ inputs: [{ type: 'main' }], outputs: [{ type: 'main' }], effects: 'pure' },
        properties: [
          {
            ...{ displayName: 'How', name: 'how', type: 'options', default: 'a' },
            options: [
              { name: 'A', value: 'a' },
              { name: 'B', value: 'b' },
            ],
            displayOptions: { show: { '@version': [{ _cnd: { gte: 2 } }] } },
          },
        ],
      },
    ],
    notes,
  )
  expect(page).toContain('Not yet, and refused: the [moon](../../../../docs/moon.md#dark).')
  expect(page).toContain('| `how` | How | `a`, `b`; default `a` | version from 2 |')
  expect(withHandwriting(page, `old\n${byHand}\nBeware.\n`)).toBe(`${page}Beware.\n`)
})
