import { execFile, spawn, spawnSync } from 'node:child_process'
import {
  appendFileSync,
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { root } from './workspace.ts'

/** The launcher in a folder of its own, with a `node` and an `npm` that only say what they were asked. */
let folder = ''
const at = (path: string): string => join(folder, path)
const script = (path: string, body: string): void => {
  writeFileSync(at(path), `#!/bin/sh\n${body}\n`)
  chmodSync(at(path), 0o755)
}
const node = (version: string): string =>
  `[ "$1" = --version ] && echo ${version} && exit; while [ "\${1#--}" != "$1" ]; do shift; done; shift; echo "${version} ran: $*"`
const npmCalls = (): readonly string[] => (existsSync(at('npm-calls')) ? readFileSync(at('npm-calls'), 'utf8').trim().split('\n') : [])

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'weconnect-launcher-'))
  mkdirSync(at('bin'))
  copyFileSync(join(root, 'weconnect'), at('weconnect'))
  writeFileSync(at('package-lock.json'), '{}')
  script('bin/node', node('v26.1.0'))
  script(
    'bin/npm',
    [
      `echo "$1" >> ${at('npm-calls')}`,
      `[ ! -f ${at('npm-breaks')} ] || { echo 'npm error code ENOTFOUND'; exit 1; }`,
      'case $1 in',
      `ci) sleep 0.2; mkdir -p node_modules ;;`,
      `install) mkdir -p node_modules/.bin; cp ${at('bin/new-node')} node_modules/.bin/node ;;`,
      'esac',
    ].join('\n'),
  )
  script('bin/new-node', node('v26.10.0'))
})
afterEach(() => rmSync(folder, { recursive: true }))

const path = (): string => `${at('bin')}:/usr/bin:/bin`
const launch = async (args: string[] = [], options: { file?: string; cwd?: string; path?: string } = {}) => {
  const env = { PATH: options.path ?? path() }
  return promisify(execFile)(options.file ?? at('weconnect'), args, { env, cwd: options.cwd ?? folder }).then(
    ({ stdout, stderr }) => ({ code: 0, stdout, stderr }),
    (error: { code: number; stdout: string; stderr: string }) => error,
  )
}

test('installs once, and passes arguments on as they are', async () => {
  const first = await launch(['import', 'a file.json'])
  expect(first).toMatchObject({ code: 0, stdout: 'v26.1.0 ran: import a file.json\n' })
  expect(first.stderr).toContain('installing dependencies')
  expect(await launch(['up'])).toEqual({ code: 0, stdout: 'v26.1.0 ran: up\n', stderr: '' })
  expect(npmCalls()).toEqual(['ci'])
})

test('brings its own Node where the machine has another', async () => {
  script('bin/node', node('v20.1.0'))
  const first = await launch(['up'])
  expect(first.stderr).toContain('this machine has Node 20.1.0')
  expect(first.stdout).toBe('v26.10.0 ran: up\n')
  expect((await launch(['up'])).stdout).toBe('v26.10.0 ran: up\n')
  expect(npmCalls()).toEqual(['install', 'ci'])
})

test('installs again when the lock file or the Node changes', async () => {
  await launch()
  appendFileSync(at('package-lock.json'), '\n')
  await launch()
  script('bin/node', node('v26.2.0'))
  await launch()
  await launch()
  expect(npmCalls()).toEqual(['ci', 'ci', 'ci'])
})

test('runs from another folder and through a symbolic link', async () => {
  mkdirSync(at('elsewhere'))
  symlinkSync('../weconnect', at('elsewhere/wc'))
  symlinkSync(at('elsewhere/wc'), at('elsewhere/link'))
  expect((await launch(['up'], { file: at('elsewhere/link'), cwd: at('elsewhere') })).stdout).toBe('v26.1.0 ran: up\n')
  expect(existsSync(at('node_modules'))).toBe(true)
})

test('launchers at the same time install once', async () => {
  const all = await Promise.all(Array.from({ length: 5 }, () => launch(['up'])))
  expect(all.map(({ code, stdout }) => [code, stdout])).toEqual(Array.from({ length: 5 }, () => [0, 'v26.1.0 ran: up\n']))
  expect(npmCalls()).toEqual(['ci'])
})

test('the lock of a launcher that was killed is taken over', async () => {
  const { pid } = spawnSync('true')
  mkdirSync(at('.node'))
  symlinkSync(String(pid), at('.node/lock'))
  expect(await launch(['up'])).toMatchObject({ code: 0, stdout: 'v26.1.0 ran: up\n' })
  expect(npmCalls()).toEqual(['ci'])
})

test('the lock of a launcher that lives is respected', async () => {
  const holder = spawn('sleep', ['600'])
  mkdirSync(at('.node'))
  symlinkSync(String(holder.pid), at('.node/lock'))
  const waiting = spawn(at('weconnect'), ['up'], { env: { PATH: path() } })
  await new Promise<void>((resolve) => waiting.stderr.on('data', (text: Buffer) => text.includes(`process ${holder.pid}`) && resolve()))
  expect(npmCalls()).toEqual([])
  const done = new Promise((resolve) => waiting.once('exit', resolve))
  holder.kill()
  expect(await done).toBe(0)
  expect(npmCalls()).toEqual(['ci'])
})

test('says why it cannot install, and tries again the next time', async () => {
  writeFileSync(at('npm-breaks'), '')
  const failed = await launch(['up'])
  expect(failed).toMatchObject({ code: 1, stdout: '' })
  expect(failed.stderr).toContain('ENOTFOUND')
  expect(failed.stderr).toContain('online')
  rmSync(at('npm-breaks'))
  expect((await launch(['up'])).stdout).toBe('v26.1.0 ran: up\n')
})

test('says that npm is needed', async () => {
  mkdirSync(at('tools'))
  for (const tool of ['sh', 'dirname', 'readlink', 'cat', 'cksum', 'mkdir', 'ln', 'rm', 'rmdir', 'sed', 'grep', 'tail', 'sleep'])
    symlinkSync(`/usr/bin/${tool}`, at(`tools/${tool}`))
  const failed = await launch(['up'], { path: at('tools') })
  expect(failed.code).toBe(1)
  expect(failed.stderr).toContain('no Node')
  expect(failed.stderr).toContain('needs npm')
})
