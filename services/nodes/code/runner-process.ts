import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { encodeFrame, type FromRunner, frameReader, type ToRunner } from './runner/frames.ts'

export interface RunnerLimits {
  /** Heap of one isolate, MiB. */
  readonly isolateMb: number
  /** Largest outcome or question, bytes. */
  readonly largestFrame: number
}

export type StepEnd =
  | { readonly kind: 'done'; readonly outcome: string; readonly cpuMs: number }
  | { readonly kind: 'outOfMemory' }
  | { readonly kind: 'exited'; readonly signal: string }
  | { readonly kind: 'tooLarge' }

/** One process that runs users' code, one step at a time. */
export interface RunnerProcess {
  readonly pid: number
  readonly alive: boolean
  /** Steps it was given. */
  readonly steps: number
  /** Resolves when it can take a step, and when it has ended before it could. */
  readonly ready: Promise<void>
  /** Never rejects because of the code; resolves also when the process ends. @param answer may reject: that kills the process and rejects this */
  step(code: string, data: string, answer: (query: string) => Promise<string>): Promise<StepEnd>
  kill(): void
}

const require = createRequire(import.meta.url)
const runnerFolder = join(import.meta.dirname, 'runner')

/** Where a package is, and where Node looks for it first: being refused there ends the process. */
const placesOf = (name: string): readonly string[] => [
  dirname(require.resolve(name)),
  ...(require.resolve.paths(name) ?? []).map((folder) => join(folder, name, '*')),
]

/** Reads nothing but what it is made of; no writes, no network, no processes, no threads. */
export const runnerFlags = (): readonly string[] => [
  '--permission',
  '--allow-addons',
  ...[runnerFolder, ...placesOf('isolated-vm'), ...placesOf('node-gyp-build'), '/etc/alpine-release'].map(
    (path) => `--allow-fs-read=${path}`,
  ),
  '--disable-warning=PERM0001',
]

const sourceOf = (path: string): string => readFileSync(path, 'utf8')

/** A CommonJS module as an expression: `needs` are expressions of the modules that it requires. */
const moduleText = (name: string, needs: Readonly<Record<string, string>> = {}): string =>
  `(function () { const exports = {}; const module = { exports }; const require = (name) => ({ ${Object.entries(needs)
    .map(([need, text]) => `'${need}': ${text}`)
    .join(', ')} })[name]; ${sourceOf(require.resolve(name))}\n; return module.exports })()`

/** Scripts that define what the user's code has beside the language. */
const librariesSource = (): string => {
  const needs = { 'base64-js': moduleText('base64-js'), ieee754: moduleText('ieee754') }
  return `${sourceOf(join(dirname(require.resolve('luxon')), '..', 'global', 'luxon.js'))}
;globalThis.Buffer = ${moduleText('buffer/', needs)}.Buffer
;globalThis.jmespath = ${moduleText('jmespath')}
;globalThis.atob = (text) => Buffer.from(text, 'base64').toString('latin1')
;globalThis.btoa = (text) => Buffer.from(text, 'latin1').toString('base64')`
}

export const startRunnerProcess = ({ isolateMb, largestFrame }: RunnerLimits): RunnerProcess => {
  const child = spawn(process.execPath, [...runnerFlags(), join(runnerFolder, 'main.ts')], {
    env: {},
    cwd: '/',
    stdio: ['pipe', 'pipe', 'ignore'],
  })
  let alive = true
  let steps = 0
  const ready = Promise.withResolvers<void>()
  let end: ((end: StepEnd) => void) | undefined
  let fail: ((error: unknown) => void) | undefined
  let answer: ((query: string) => Promise<string>) | undefined

  const finish = (how: StepEnd): void => end?.(how)
  const kill = (): void => {
    alive = false
    child.kill('SIGKILL')
  }
  const send = (header: ToRunner, body?: string): void => void child.stdin.write(encodeFrame(header, body))
  const reply = async (query: string): Promise<void> => {
    try {
      send({ kind: 'answer' }, await answer?.(query))
    } catch (error) {
      kill()
      fail?.(error)
    }
  }
  const read = frameReader<FromRunner>(({ header, body }) => {
    if (header.kind === 'done') finish({ kind: 'done', outcome: body, cpuMs: header.cpuMs })
    else if (header.kind === 'outOfMemory') finish({ kind: 'outOfMemory' })
    else if (header.kind === 'ask') void reply(body)
    else ready.resolve()
  }, largestFrame)

  child.stdout.on('data', (chunk: Buffer) => {
    try {
      read(chunk)
    } catch {
      kill()
      finish({ kind: 'tooLarge' })
    }
  })
  // A write to a process that has just ended; `exit` tells the step.
  child.stdin.on('error', () => undefined)
  const gone = (signal: string): void => {
    alive = false
    ready.resolve()
    finish({ kind: 'exited', signal })
  }
  child.on('exit', (code, signal) => gone(signal ?? `code ${code}`))
  child.on('error', (error) => gone(error.message))
  send({ kind: 'setUp', isolateMb }, librariesSource())

  return {
    pid: child.pid ?? -1,
    get alive() {
      return alive
    },
    get steps() {
      return steps
    },
    ready: ready.promise,
    step: (code, data, answerQuery) =>
      new Promise((resolve, reject) => {
        steps += 1
        end = resolve
        fail = reject
        answer = answerQuery
        if (alive) send({ kind: 'run', code }, data)
        else gone('before the step')
      }),
    kill,
  }
}
