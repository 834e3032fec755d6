import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { missingEngines } from '@weconnect/testing/engines'
import { expect, test } from 'vitest'
import { engines } from './catalogue.ts'
import { forgetEngine, runningEngine, startEngine, stopEngine } from './running.ts'

// Redis writes over its own command line and environment, so it is the hardest to tell from others.
test.skipIf(await missingEngines('redis'))('an engine is started once, known again, killed, and back at its address', async () => {
  const root = mkdtempSync(join(tmpdir(), 'weconnect-engine-'))
  const folder = join(root, 'redis')
  const start = () => startEngine(engines.redis, folder, () => {})
  try {
    const first = await start()
    expect(await start()).toEqual(first)
    expect(runningEngine(engines.redis, folder)).toEqual(first)
    expect(await stopEngine(folder, 'SIGKILL')).toBe(true)
    expect(runningEngine(engines.redis, folder)).toBeUndefined()
    const again = await start()
    expect([again.variables, again.pid === first.pid]).toEqual([first.variables, false])
    await forgetEngine(folder)
    expect(runningEngine(engines.redis, folder)).toBeUndefined()
  } finally {
    await forgetEngine(folder)
    rmSync(root, { recursive: true, force: true })
  }
})
