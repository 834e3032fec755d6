import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { commands } from './commands.ts'

const read = (path: string): string => readFileSync(new URL(path, import.meta.url), 'utf8')
const [, ...sections] = read('../../docs/cli.md').split(/^### /m)
const guide = new Map(sections.map((section) => [/^`([^`]+)`/.exec(section)?.[1] ?? '', section.split(/^## /m)[0] ?? '']))
const optionsIn = (text: string): readonly string[] => [...new Set(text.match(/(?<![\w-])--[a-z]+/g))].sort()

test('docs/cli.md has every command, and no other', () =>
  expect([...guide.keys()].sort()).toEqual([...commands.values()].map(({ synopsis }) => synopsis).sort()))

test.each([...commands.values()])('its section on $name has the options that the command says', ({ synopsis, options }) => {
  const section = guide.get(synopsis) ?? ''
  // Commands that hand their words on say no options of their own; what they take stands in the text.
  if (options.length === 0) expect(optionsIn(section)).toEqual(expect.arrayContaining([...optionsIn(synopsis)]))
  else expect(optionsIn(section)).toEqual(optionsIn(options.map((line) => line.split(' ', 1)[0]).join(' ')))
})

test('its table of variables has those that are read', () => {
  const settings = read('./owner/settings.ts') + read('./owner/store-settings.ts')
  const names = [...settings.matchAll(/env\['(\w+)'\]|env, '(\w+)'/g)].map(([, plain, parsed]) => plain ?? parsed)
  expect(names.length).toBeGreaterThan(8)
  for (const name of names) expect(guide.get(commands.get('up')?.synopsis ?? '')).toContain(`\`${name}\``)
})
