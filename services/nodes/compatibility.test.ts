import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { builtInNodes } from './built-in/all.ts'
import { openNodeRegistry } from './registry.ts'

const page = readFileSync(new URL('../../docs/compatibility.md', import.meta.url), 'utf8')

test('docs/compatibility.md lists the built-in nodes and their versions', () => {
  const registry = openNodeRegistry(builtInNodes)
  const built = [...new Set(builtInNodes.map(({ definition }) => definition.name))].map(
    (name) => `${name} | ${registry.versionsOf(name).join(', ')}`,
  )
  const listed = [...page.matchAll(/^\| (\S+\.\S+) \| ([\d., ]+) \|/gm)].map((row) => `${row[1]} | ${row[2]}`)
  expect(listed).toEqual(built.sort())
})
