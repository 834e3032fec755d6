import { existsSync, globSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { commands } from './commands.ts'

/* What people read is true: links lead somewhere, and what they would type exists. */
const root = fileURLToPath(new URL('../../', import.meta.url))
const pages = globSync('**/*.md', { cwd: root, exclude: (path) => /(^|\/)(node_modules|\.[^/]+)(\/|$)/.test(path) })
const read = (page: string): string => readFileSync(join(root, page), 'utf8')
const withoutCode = (text: string): string => text.replaceAll(/^```[\s\S]*?^```/gm, '').replaceAll(/`[^`\n]*`/g, 'code')

/** As GitHub names headings. */
const slug = (heading: string): string =>
  heading
    .toLowerCase()
    .replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1')
    .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
    .trim()
    .replaceAll(' ', '-')
const headings = (page: string): readonly string[] => [...read(page).matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) => slug(heading))

const broken = (page: string, link: string): boolean => {
  const [path = '', anchor] = link.split('#')
  const target = path === '' ? page : join(dirname(page), path)
  if (!existsSync(join(root, target))) return true
  return anchor !== undefined && target.endsWith('.md') && !headings(target).includes(anchor)
}

test.each(pages)('links of %s lead somewhere', (page) => {
  const links = [...withoutCode(read(page)).matchAll(/\]\(([^)\s]+)\)/g)].map(([, link = '']) => link)
  expect(links.filter((link) => !/^[a-z]+:/.test(link) && broken(page, link))).toEqual([])
})

interface Typed {
  readonly name: string
  readonly words: readonly string[]
}
/** Calls of the launcher, in code. */
const typedIn = (text: string): readonly Typed[] =>
  [...text.matchAll(/\.\/weconnect ([a-z]+)([^\n`#|;&]*)/g)].map(([, name = '', words = '']) => ({ name, words: words.split(/\s+/) }))

test.each(pages)('commands of %s exist, with their options and files', (page) => {
  const wrong = typedIn(read(page)).flatMap(({ name, words }) => {
    if (name === 'help') return []
    const command = commands.get(name)
    if (!command) return [name]
    const known = `${command.synopsis} ${command.options.join(' ')}`
    const files = words.filter((word) => word.startsWith('examples/') && !existsSync(join(root, word)))
    const options = words.flatMap((word) => /^--[a-z]+[a-z-]*/.exec(word)?.[0] ?? [])
    return [...files, ...options.filter((option) => !known.includes(option)).map((option) => `${name} ${option}`)]
  })
  expect(wrong).toEqual([])
})

test('there are pages to look at, with commands and links', () => {
  expect(pages).toEqual(expect.arrayContaining(['README.md', 'docs/cli.md', 'tools/README.md']))
  expect(typedIn(read('README.md')).length).toBeGreaterThan(8)
})
