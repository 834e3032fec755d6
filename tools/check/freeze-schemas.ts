/**
 * Copies every schema version that is not there yet to contracts/history/<event>/v<version>.avsc, and two encoded events of it to
 * contracts/corpus/<event>/v<version>.json. Both stay for ever. `--unshipped` writes the current versions again, for those that no log and no
 * consumer has seen.
 */
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { currentSchemas, currentStates } from './schemas.ts'
import { root } from './workspace.ts'

/** @returns the files it wrote, relative to the root */
const writeMissing = (at: string, overwrite: boolean, file: string, content: () => unknown): readonly string[] => {
  const path = join(at, file)
  if (existsSync(path) && !overwrite) return []
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, `${JSON.stringify(content(), undefined, 2)}\n`)
  return [file]
}

export const freezeSchemas = (at: string = root, overwrite = false): readonly string[] => [
  ...currentSchemas(at).flatMap(({ event, version, schema }) =>
    writeMissing(at, overwrite, `contracts/history/${event}/v${version}.avsc`, () => schema),
  ),
  ...currentStates(at).flatMap(({ event, version, schema }) =>
    writeMissing(at, overwrite, `contracts/history/states/${event}/v${version}.avsc`, () => schema),
  ),
]

export const freezeCorpus = async (at: string = root, overwrite = false): Promise<readonly string[]> => {
  // Loaded late: the schemas can be frozen while the journal does not load.
  const { encodeSample } = await import('./corpus.ts')
  const written: string[] = []
  for (const schema of currentSchemas(at)) {
    const samples = [await encodeSample(schema, 'full'), await encodeSample(schema, 'bare')]
    written.push(...writeMissing(at, overwrite, `contracts/corpus/${schema.event}/v${schema.version}.json`, () => samples))
  }
  return written
}

if (import.meta.main) {
  const overwrite = process.argv.includes('--unshipped')
  for (const file of [...freezeSchemas(root, overwrite), ...(await freezeCorpus(root, overwrite))]) console.log(`wrote ${file}`)
}
