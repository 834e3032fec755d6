import { join } from 'node:path'
import { engineNames, engines, isEngineName } from './catalogue.ts'
import type { EngineName } from './engine.ts'
import { cacheFolder, isInstalled } from './install.ts'
import { forgetEngine, type RunningEngine, runningEngine, startEngine } from './running.ts'
import { howToInstall, installTools, missingTools } from './tools.ts'

/** Those that a developer starts by hand, one of each for the user. */
const folderOf = (name: EngineName): string => join(cacheFolder(), 'running', name)

const usage = `Usage: weconnect engines up [${engineNames.join(' ')}] | down [...] | status [--json]`

const chosen = (names: readonly string[], fallback: readonly EngineName[]): readonly EngineName[] => {
  const unknown = names.filter((name) => !isEngineName(name))
  if (unknown.length > 0) throw new Error(`unknown: ${unknown.join(' ')}. ${usage}`)
  return names.length === 0 ? fallback : engineNames.filter((name) => names.includes(name))
}

const start = async (name: EngineName, say: (text: string) => void): Promise<RunningEngine> => {
  const engine = engines[name]
  const missing = await installTools(engine.needs, say)
  if (missing.length > 0) throw new Error(`${name}: ${howToInstall(missing)}`)
  say(`starting ${name}`)
  return startEngine(engine, folderOf(name), say)
}

/** Standard output holds only what a shell can evaluate: `eval "$(./weconnect engines up kafka registry)"`. */
const up = async (names: readonly EngineName[]): Promise<void> => {
  for (const name of names) {
    const { variables } = await start(name, (text) => console.error(text))
    for (const [variable, value] of Object.entries(variables)) console.log(`export ${variable}=${value}`)
  }
}

const down = async (names: readonly EngineName[]): Promise<void> => {
  for (const name of names) {
    const ran = runningEngine(engines[name], folderOf(name)) !== undefined
    await forgetEngine(folderOf(name))
    if (ran) console.log(`${name} stopped`)
  }
}

const status = async (asJson: boolean): Promise<void> => {
  const rows = await Promise.all(
    engineNames.map(async (name) => {
      const running = runningEngine(engines[name], folderOf(name))
      return {
        engine: name,
        version: engines[name].version,
        installed: isInstalled(engines[name]),
        missing: await missingTools(engines[name].needs),
        running: running !== undefined,
        ...(running === undefined ? {} : { pid: running.pid, log: running.logFile, variables: running.variables }),
      }
    }),
  )
  if (asJson) return console.log(JSON.stringify(rows, null, 2))
  for (const { engine, version, installed, missing, ...row } of rows) {
    const state = row.running ? `runs (pid ${row.pid})` : installed ? 'installed' : 'not installed'
    const variables = Object.entries(row.variables ?? {}).map(([name, value]) => `${name}=${value}`)
    console.log(
      [engine.padEnd(9), version.padEnd(12), state, ...(missing.length > 0 ? [howToInstall(missing)] : []), ...variables].join('  '),
    )
  }
}

/** @param args the words after `weconnect engines` @returns exit code */
export const runEngines = async ([action = '', ...args]: readonly string[]): Promise<number> => {
  try {
    const names = args.filter((arg) => arg !== '--json')
    if (action === 'up') await up(chosen(names, ['kafka', 'registry', 'redis']))
    else if (action === 'down') await down(chosen(names, engineNames))
    else if (action === 'status') await status(args.includes('--json'))
    else {
      console.error(usage)
      return 2
    }
    return 0
  } catch (error) {
    console.error(error instanceof Error ? error.message : String(error))
    return 1
  }
}
