import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { engineNames, engines } from '@weconnect/engines/catalogue'
import type { EngineName } from '@weconnect/engines/engine'
import { forgetEngine, type RunningEngine, runningEngine, startEngine, stopEngine } from '@weconnect/engines/running'
import { howToInstall, installTools, missingTools, type ToolName } from '@weconnect/engines/tools'
import { missing } from './requires.ts'

const folder = (): string => process.env['WECONNECT_TEST_ENGINES'] ?? noFolder()
const noFolder = (): never => {
  throw new Error('engines belong to a test run: name the file *.integration.test.ts, so that the global setup makes their folder')
}
const say = (text: string): void => console.warn(text)

/**
 * For `test.skipIf(await missingEngines('kafka'))`: whether a tool of the system that these engines need is missing. On a developer's machine
 * that skips the test and says why; under CI=true it is installed where that is possible (root, apt), and is a failure where not.
 */
export const missingEngines = async (...names: readonly EngineName[]): Promise<boolean> =>
  missingToolsFor(names.flatMap((name) => engines[name].needs))

export const missingToolsFor = async (needs: readonly ToolName[]): Promise<boolean> => {
  const absent = process.env['CI'] === 'true' ? await installTools(needs, say) : await missingTools(needs)
  return absent.length > 0 && missing(howToInstall(absent), false)
}

/** The one instance of an engine in this test run: the first test that needs it starts it. Names in it are the test's own to choose. */
export const testEngine = (name: EngineName): Promise<RunningEngine> => startEngine(engines[name], join(folder(), name), say)

export interface OwnEngine {
  readonly variables: Readonly<Record<string, string>>
  kill9(): Promise<void>
  /** At the same address, with its data where it keeps them. */
  start(): Promise<void>
  remove(): Promise<void>
}

/** An instance for one test alone, which may do to it what it wants. */
export const ownEngine = async (name: EngineName): Promise<OwnEngine> => {
  const place = join(mkdtempSync(join(tmpdir(), 'weconnect-test-engine-')), name)
  const start = () => startEngine(engines[name], place, say)
  const { variables } = await start()
  return {
    variables,
    kill9: async () => void (await stopEngine(place, 'SIGKILL')),
    start: async () => void (await start()),
    remove: async () => {
      await forgetEngine(place)
      rmSync(join(place, '..'), { recursive: true, force: true })
    },
  }
}

/** Ends the engines of a run and drops what they kept. */
export const stopTestEngines = async (at: string): Promise<void> => {
  for (const name of engineNames) if (runningEngine(engines[name], join(at, name)) !== undefined) await forgetEngine(join(at, name))
  rmSync(at, { recursive: true, force: true })
}
