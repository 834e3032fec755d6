import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'

const generators = ['generate-events.ts', 'generate-asyncapi.ts', 'generate-node-pages.ts']

/**
 * Writes everything that follows from contracts/schemas, and the pages of the nodes.
 * @param args `--check`: writes nothing, and fails when something is not fresh
 * @returns exit code
 */
export const runGenerate = async (args: string[]): Promise<number> => {
  const codes = generators.map(
    (file) => spawnSync(process.execPath, [fileURLToPath(new URL(file, import.meta.url)), ...args], { stdio: 'inherit' }).status,
  )
  return codes.every((code) => code === 0) ? 0 : 1
}
