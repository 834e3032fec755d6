import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, expect, test } from 'vitest'
import { runApart } from './apart.ts'

const folder = mkdtempSync(join(tmpdir(), 'weconnect-apart-'))
afterAll(() => rmSync(folder, { recursive: true }))
let scripts = 0
const script = (code: string): URL => {
  const path = join(folder, `${scripts++}.mjs`)
  writeFileSync(path, `process.once('message', async (input) => { const say = (said) => process.send(said); ${code} })`)
  return pathToFileURL(path)
}
const never = new AbortController().signal

test('the answer, and the problem', async () => {
  expect(await runApart('It', script('say({ answer: input + 1 })'), 1, never)).toBe(2)
  await expect(runApart('It', script('say({ problem: "no" })'), 1, never)).rejects.toThrow('no')
  await expect(runApart('It', script('process.exit()'), 1, never)).rejects.toThrow('It ended without an answer')
})

test('the environment of the process is not there', async () => {
  expect(await runApart('It', script('say({ answer: Object.keys(process.env).length })'), 1, never)).toBe(0)
})

test('nothing but its own folder can be reached', async () => {
  for (const attempt of [
    "(await import('node:fs')).readFileSync('/etc/hostname')",
    "(await import('node:fs')).writeFileSync('x', '')",
    "(await import('node:child_process')).execFileSync('true')",
    "new (await import('node:worker_threads')).Worker('0', { eval: true })",
    "const net = await import('node:net'); await new Promise((_, no) => net.connect(1, '127.0.0.1').once('error', no))",
  ]) {
    const code = `try { ${attempt}; say({ answer: 'reached' }) } catch (error) { say({ answer: (error.cause ?? error).code }) }`
    expect(await runApart('It', script(code), 1, never)).toBe('ERR_ACCESS_DENIED')
  }
})

test('a loop, a heap that grows, and a call that nobody waits for any more', async () => {
  await expect(runApart('It', script('for (;;) {}'), 1, never, { milliseconds: 200 })).rejects.toThrow('It took longer than 200 ms')
  const grow = script('const all = []; for (;;) all.push(new Array(1000).fill({}))')
  await expect(runApart('It', grow, 1, never, { milliseconds: 60_000, megabytes: 100 })).rejects.toThrow('more than 100 MB of memory')
  const buffers = script('const all = []; for (;;) { all.push(Buffer.alloc(2 ** 20, 1)); await new Promise(setImmediate) }')
  await expect(runApart('It', buffers, 1, never, { milliseconds: 60_000, megabytes: 100 })).rejects.toThrow('more than 100 MB of memory')
  const stop = new AbortController()
  const running = runApart('It', script('for (;;) {}'), 1, stop.signal)
  stop.abort(new Error('stopped'))
  await expect(running).rejects.toThrow('stopped')
})
