import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { openFolderFiles, parseFolders } from './folder-files.ts'

const root = mkdtempSync(join(tmpdir(), 'weconnect-files-'))
const allowed = join(root, 'allowed')
const outside = join(root, 'outside')
for (const folder of [allowed, join(allowed, 'sub'), outside, join(root, 'allowed-but-not')]) mkdirSync(folder)
writeFileSync(join(allowed, 'a.txt'), 'a')
writeFileSync(join(allowed, 'b.txt'), 'b')
writeFileSync(join(allowed, '.hidden.txt'), 'hidden')
writeFileSync(join(allowed, 'sub', 'c.txt'), 'c')
writeFileSync(join(outside, 'secret.txt'), 'secret')
writeFileSync(join(root, 'allowed-but-not', 'secret.txt'), 'secret')
symlinkSync(join(outside, 'secret.txt'), join(allowed, 'link.txt'))
symlinkSync(outside, join(allowed, 'link-folder'))
symlinkSync(join(outside, 'not-yet.txt'), join(allowed, 'dangling.txt'))
afterAll(() => rmSync(root, { recursive: true, force: true }))

const files = openFolderFiles({ folders: [allowed], maxBytes: 1000, maxEntries: 10 })
const base64 = (text: string): string => Buffer.from(text).toString('base64')

test('reads, writes and appends inside the folder', async () => {
  expect(await files.perform({ kind: 'read', path: 'a.txt' })).toEqual({ base64: base64('a') })
  expect(await files.perform({ kind: 'read', path: join(allowed, 'sub/../a.txt') })).toEqual({ base64: base64('a') })
  await files.perform({ kind: 'write', path: 'new.log', base64: base64('first line'), append: false })
  await files.perform({ kind: 'write', path: 'new.log', base64: base64('one'), append: false })
  await files.perform({ kind: 'write', path: './new.log', base64: base64('two'), append: true })
  expect(readFileSync(join(allowed, 'new.log'), 'utf8')).toBe('onetwo')
})

test('lists what a pattern matches, without links and hidden files', async () => {
  expect(await files.perform({ kind: 'list', pattern: '*.txt' })).toEqual({ paths: ['a.txt', 'b.txt'] })
  expect(await files.perform({ kind: 'list', pattern: '**/*.txt' })).toEqual({ paths: ['a.txt', 'b.txt', 'sub/c.txt'] })
  expect(await files.perform({ kind: 'list', pattern: `${allowed}/{a,b}.txt` })).toEqual({
    paths: [join(allowed, 'a.txt'), join(allowed, 'b.txt')],
  })
  expect(await files.perform({ kind: 'list', pattern: 'a.txt' })).toEqual({ paths: ['a.txt'] })
})

const escapes = [
  '../outside/secret.txt',
  'sub/../../outside/secret.txt',
  join(outside, 'secret.txt'),
  join(root, 'allowed-but-not', 'secret.txt'),
  'link.txt',
  'link-folder/secret.txt',
  '/etc/passwd',
  '/proc/self/environ',
  'a.txt\0.png',
]
describe.each(escapes)('%j', (path) => {
  test('cannot be read', () => expect(files.perform({ kind: 'read', path })).rejects.toMatchObject({ code: 'FILE_DENIED' }))
  test('cannot be written', () =>
    expect(files.perform({ kind: 'write', path, base64: '', append: false })).rejects.toMatchObject({ code: 'FILE_DENIED' }))
  test('cannot be listed', () =>
    expect(files.perform({ kind: 'list', pattern: path })).rejects.toMatchObject({ code: expect.stringMatching(/^FILE_/) }))
})

test('a pattern does not leave the folder', async () => {
  for (const pattern of ['../*/secret.txt', '/etc/*', `${root}/**`, 'link-folder/*'])
    await expect(files.perform({ kind: 'list', pattern })).rejects.toMatchObject({ code: 'FILE_DENIED' })
  expect(await files.perform({ kind: 'list', pattern: 'link*/*' })).toEqual({ paths: [] })
})

test('a link to what is not there yet is not written through', async () => {
  await expect(files.perform({ kind: 'write', path: 'dangling.txt', base64: base64('x'), append: false })).rejects.toMatchObject({
    code: 'FILE_FAILED',
  })
  expect(() => readFileSync(join(outside, 'not-yet.txt'))).toThrow('ENOENT')
})

test('what is no plain file is refused at once', async () => {
  execFileSync('mkfifo', [join(allowed, 'pipe')])
  await expect(files.perform({ kind: 'read', path: 'pipe' })).rejects.toMatchObject({ code: 'FILE_DENIED' })
  await expect(files.perform({ kind: 'read', path: 'sub' })).rejects.toMatchObject({ code: 'FILE_DENIED' })
})

test('limits', async () => {
  writeFileSync(join(allowed, 'large'), 'x'.repeat(1001))
  await expect(files.perform({ kind: 'read', path: 'large' })).rejects.toThrow('larger than 1000 bytes')
  await expect(files.perform({ kind: 'write', path: 'larger', base64: base64('x'.repeat(1001)), append: false })).rejects.toThrow(
    'larger than 1000 bytes',
  )
  await expect(openFolderFiles({ folders: [allowed], maxEntries: 2 }).perform({ kind: 'list', pattern: '*' })).rejects.toThrow(
    'too many files',
  )
})

test('without a folder nothing is allowed, and the error says what to do', async () => {
  const none = openFolderFiles({ folders: parseFolders(' ; ') })
  for (const request of [
    { kind: 'read', path: '/etc/passwd' },
    { kind: 'list', pattern: '*' },
    { kind: 'write', path: 'x', base64: '', append: false },
  ] as const)
    await expect(none.perform(request)).rejects.toThrow('set WECONNECT_FILES_FOLDER')
})
