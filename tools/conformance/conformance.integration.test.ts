import { existsSync } from 'node:fs'
import { expect, test } from 'vitest'
import passing from './passing.json' with { type: 'json' }
import { defaultFolder, passingNames, runSelected } from './run-conformance.ts'

const isPresent = existsSync(defaultFolder)
if (!isPresent) console.warn(`skipped: there are no conformance cases at ${defaultFolder}`)

test.skipIf(!isPresent)('every case that passed before passes', async () => {
  const now = passingNames(await runSelected({ folder: defaultFolder }))
  const lost = (before: readonly string[], after: readonly string[]) => before.filter((name) => !after.includes(name))
  expect(lost(passing.passing, now.passing)).toEqual([])
  expect(lost(passing.linked, now.linked)).toEqual([])
})
