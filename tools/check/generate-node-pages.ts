/**
 * Writes the page (README.md) of every node's folder from its definition and docs/compatibility.md; what stands below the mark is kept.
 * `--check` writes nothing and exits 1 when a page differs.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { NodeDefinition } from '@weconnect/contracts/node'
import { builtInNodes } from '@weconnect/nodes/built-in/all'
import { notesIn, pageOf, withHandwriting } from './node-page.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const folders = join(root, 'services/nodes/built-in')
const notes = notesIn(readFileSync(join(root, 'docs/compatibility.md'), 'utf8'))

const byFolder = Map.groupBy(
  builtInNodes.map(({ definition }): NodeDefinition => definition),
  ({ name }) => name.slice(name.lastIndexOf('.') + 1),
)

const stale: string[] = []
for (const [folder, definitions] of byFolder) {
  const known = notes.get(folder)
  if (known === undefined) throw new Error(`docs/compatibility.md says nothing of ${folder}`)
  const file = join(folders, folder, 'README.md')
  const existing = existsSync(file) ? readFileSync(file, 'utf8') : undefined
  const page = withHandwriting(pageOf(definitions, known), existing)
  if (page === existing) continue
  if (process.argv.includes('--check')) stale.push(folder)
  else writeFileSync(file, page)
}
if (stale.length > 0) {
  console.error(`The pages of ${stale.join(', ')} do not follow from their definitions: run ./weconnect generate`)
  process.exit(1)
}
