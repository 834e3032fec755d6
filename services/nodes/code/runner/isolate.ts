import { createRequire } from 'node:module'
import type IsolatedVm from 'isolated-vm'
import { begin } from './globals/begin.ts'
import { keepConsole } from './globals/console.ts'
import { defineHelpers } from './globals/helpers.ts'
import { outcomeWriter } from './globals/outcome.ts'
import { defineScope } from './globals/scope.ts'
import { replaceTime } from './globals/time.ts'
import type { Outcome } from './step.ts'

const ivm = createRequire(import.meta.url)('isolated-vm') as typeof IsolatedVm

export type IsolateMaker = () => { readonly isolate: IsolatedVm.Isolate; readonly context: IsolatedVm.Context }

/**
 * Isolates that start from one snapshot with what users expect of Node and n8n (Buffer, luxon, jmespath) and our own part in it.
 * @param librariesSource a script that defines `luxon`, `jmespath` and `Buffer`
 */
export const isolateMaker = (librariesSource: string, isolateMb: number): IsolateMaker => {
  const parts = Object.entries({ keepConsole, outcomeWriter, defineScope, defineHelpers, replaceTime }).map(
    ([name, part]) => `${name}: ${part}`,
  )
  const snapshot = ivm.Isolate.createSnapshot([
    { code: `${librariesSource};globalThis.luxon = luxon` },
    { code: `globalThis.begin = ((parts, begin) => (text, ask) => begin(parts, text, ask))({ ${parts.join(',')} }, ${begin})` },
  ])
  return () => {
    const isolate = new ivm.Isolate({ memoryLimit: isolateMb, snapshot })
    return { isolate, context: isolate.createContextSync() }
  }
}

/** The user's text begins on line 1 of a script named `code`, so that lines in errors are the user's. */
const scriptOf = (code: string): string => `runStep(async function () {${code}\n})`

const noFurtherOutcome = { logs: [], customData: {}, staticData: {} }

/** A text that does not parse is the user's own error: isolated-vm puts the place at the end of the message. */
const brokenScript = (error: unknown): Outcome => {
  const text = error instanceof Error ? error.message : String(error)
  const [, message, line] = /^(.*) \[code:(\d+):\d+\]$/s.exec(text) ?? [undefined, text, undefined]
  return { failure: { message: message!, ...(line === undefined ? {} : { line: Number(line) }) }, ...noFurtherOutcome }
}

/**
 * Runs the user's code once in an isolate that is thrown away afterwards.
 * @param ask answers a query (JSON text) about other nodes
 * @returns the outcome as JSON text
 * @throws when the isolate dies, which is for lack of memory
 */
export const runInIsolate = async (
  { isolate, context }: ReturnType<IsolateMaker>,
  code: string,
  data: string,
  ask: (query: string) => Promise<string>,
): Promise<string> => {
  const collect: IsolatedVm.Reference<() => string | undefined> = await context.evalClosure(
    'const begin = globalThis.begin; delete globalThis.begin; return begin($0, (query) => $1.applySyncPromise(undefined, [query]))',
    [data, new ivm.Reference(ask)],
    { result: { reference: true } },
  )
  try {
    const script = await isolate.compileScript(scriptOf(code), { filename: 'code' })
    await script.run(context, { release: true })
  } catch (error) {
    if (isolate.isDisposed) throw error
    return JSON.stringify(brokenScript(error))
  }
  for (;;) {
    const outcome = await collect.apply(undefined, [], { result: { copy: true } })
    if (outcome !== undefined) return outcome as string
  }
}
