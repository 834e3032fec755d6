import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { workflowDecider } from './decide.ts'
import { absentWorkflow, evolve } from './evolve.ts'
import { exportN8n } from './export-n8n.ts'
import { parseN8nFile } from './import-n8n.ts'
import type { Workflow } from './model.ts'

const counter = () => {
  let next = 0
  return () => `00000000-0000-4000-8000-${String(next++).padStart(12, '0')}`
}
const decide = workflowDecider(() => [])

const imported = (file: unknown): Workflow => {
  const newId = counter()
  const [parsed] = parseN8nFile(file, newId)
  const command = { type: 'ImportWorkflow', workflowId: newId(), organisationId: 'org', ...parsed!.content } as const
  return decide(command, absentWorkflow).reduce(evolve, absentWorkflow)
}

const corpus = fileURLToPath(new URL('../../../shared/workflows', import.meta.url))
const present = existsSync(corpus)
if (!present) console.warn('SKIPPED: the corpus of real workflows (../shared/workflows) is absent')

describe.skipIf(!present)('real workflows', () => {
  const files = present ? readdirSync(corpus).filter((file) => file.endsWith('.json')) : []

  test('each comes back as it was', () => {
    let slowest = { file: '', ms: 0 }
    for (const file of files) {
      const text = readFileSync(join(corpus, file), 'utf8')
      const start = performance.now()
      const exported = exportN8n(imported(text))
      const ms = performance.now() - start
      if (ms > slowest.ms) slowest = { file, ms }
      expect(exported, file).toStrictEqual(JSON.parse(text))
    }
    console.info(`${files.length} files; slowest to import and export: ${slowest.file}, ${slowest.ms.toFixed(1)} ms`)
    expect(files.length).toBeGreaterThan(0)
  })
})
