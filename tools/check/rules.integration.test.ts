import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { runGenerate } from './run-generate.ts'
import { root } from './workspace.ts'

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'weconnect-rules-'))
  cpSync(join(root, 'biome.json'), join(folder, 'biome.json'))
  cpSync(join(root, 'tools/check/rules'), join(folder, 'tools/check/rules'), { recursive: true })
})
afterEach(() => rmSync(folder, { recursive: true }))

/** What Biome says, with this repository's settings, of a file of this text at this place. */
const lint = (path: string, text: string): string => {
  mkdirSync(dirname(join(folder, path)), { recursive: true })
  writeFileSync(join(folder, path), text)
  const biome = join(root, 'node_modules/@biomejs/biome/bin/biome')
  const { stdout, stderr } = spawnSync(process.execPath, [biome, 'lint', path], { cwd: folder })
  return `${stdout}${stderr}`
}
const hidden = 'A hidden input'

test.each([
  ['Date.now()', hidden],
  ['new Date()', hidden],
  ['Math.random()', hidden],
  ['[Date.now].length', hidden],
  ['performance.now()', hidden],
  ['crypto.randomUUID()', hidden],
  ['setTimeout(() => 1, 5)', 'noRestrictedGlobals'],
  [`fetch('http://x')`, 'noRestrictedGlobals'],
  [`process.env['HOME']`, 'noProcessEnv'],
])('services and projections do not write %s', (expression, rule) => {
  const text = `export const value = (): unknown => ${expression}\n`
  expect(lint('services/workflows/some.ts', text)).toContain(rule)
  expect(lint('projections/runner/some.ts', text)).toContain(rule)
  expect(lint('services/workflows/some.test.ts', text)).not.toContain(rule)
})

test('a date that is given, and a hash, are no hidden inputs', () => {
  const text = `import { createHash } from 'node:crypto'\n\nexport const value = (now: string): unknown => [new Date(now), createHash('sha256')]\n`
  expect(lint('services/workflows/some.ts', text)).not.toMatch(/hidden|noRestricted/)
})

test('random bytes are not imported', () => {
  const text = `import { randomUUID } from 'node:crypto'\n\nexport const value = (): unknown => randomUUID()\n`
  expect(lint('services/workflows/some.ts', text)).toContain('noRestrictedImports')
})

test('what is generated follows from the schemas', async () => {
  expect(await runGenerate(['--check'])).toBe(0)
})
