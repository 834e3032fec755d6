/**
 * Copies every schema version that is not there yet to contracts/history/<event>/v<version>.avsc, where it stays for ever.
 * A version that is there is never changed; `--unshipped` writes the current ones over it, for versions that no log and no consumer has seen.
 */
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { currentSchemas } from './schemas.ts'
import { root } from './workspace.ts'

export const freezeSchemas = (at: string = root, overwrite = false): readonly string[] =>
  currentSchemas(at).flatMap(({ event, version, schema }) => {
    const file = `contracts/history/${event}/v${version}.avsc`
    const path = join(at, file)
    if (existsSync(path) && !overwrite) return []
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, `${JSON.stringify(schema, undefined, 2)}\n`)
    return [file]
  })

if (import.meta.main) for (const file of freezeSchemas(root, process.argv.includes('--unshipped'))) console.log(`wrote ${file}`)
