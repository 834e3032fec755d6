import { randomUUID } from 'node:crypto'
import { setTimeout as wait } from 'node:timers/promises'
import { openEngineFixture } from '../engine-fixture.ts'
import { bystanderAndKiller } from './bystander-and-killer.ts'
import { die } from './dying-log.ts'

/** What a process does until one of its executions kills it. */
export interface KillerOrder {
  readonly folder: string
  readonly effects: 'pure' | 'external'
  /** Executions that it begins: ids, and of which workflow. */
  readonly begin: readonly { readonly executionId: string; readonly workflowId: string }[]
  /** The killer waits until so many bystanders are in the middle of their step. */
  readonly beside: number
  /** Milliseconds of the step of a bystander. */
  readonly stepMs: number
}

if (import.meta.main) {
  const { folder, effects, begin, beside, stepMs } = JSON.parse(process.argv[2] ?? '') as KillerOrder
  let inTheMiddle = 0
  const bystand = async (): Promise<void> => {
    inTheMiddle += 1
    await wait(stepMs)
    inTheMiddle -= 1
  }
  const kill = async (): Promise<void> => {
    while (inTheMiddle < beside) await wait(5)
    die()
  }
  const fixture = await openEngineFixture({ folder, nodes: bystanderAndKiller(effects, bystand, kill) })
  const context = { ...fixture.context, correlationId: randomUUID() }
  for (const one of begin) await fixture.executions.run({ ...one, input: [{ json: {} }] }, context)
  await wait(60_000)
  // Nothing has killed it.
  process.exit(3)
}
