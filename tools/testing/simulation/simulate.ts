import type { Context } from '@weconnect/contracts/envelope'
import { openWork } from '@weconnect/open-work/open-work'
import { type Callee, callersOf } from './callers.ts'
import { type Chance, chanceOf } from './chance.ts'
import { checkWorld } from './check-world.ts'
import { isPassing, startLives, type Weather } from './lives.ts'
import { memoryBlobs, memoryKeyring } from './memory-keys.ts'
import { memoryLog } from './memory-log.ts'
import { personWhoSeesToIt } from './person.ts'
import { simulatedProvider } from './provider.ts'
import { repeatersOf } from './repeaters.ts'
import { speakerOf } from './speaker.ts'
import { childFile, parentFile } from './workflows.ts'
import { worldClock } from './world-clock.ts'

export interface SimulationReport {
  readonly seed: number
  readonly crashes: number
  readonly executions: number
  readonly effects: number
  readonly incidents: number
  /** Executions that began with what another one had done, or from its beginning again, and have ended. */
  readonly forks: number
  /** Slots that were granted. */
  readonly grants: number
  /** Executions by how they ended. */
  readonly ended: Readonly<Record<string, number>>
  /** What is against the promises; empty = all held. */
  readonly problems: readonly string[]
}

/** How long it storms, milliseconds; then the world is calm until everything has ended, or a week has passed. */
const stormMs = 60_000
const weekMs = 7 * 24 * 3_600_000

/** A world as a seed makes it, before anything has happened in it. */
const worldOf = (seed: number) => {
  const chance = chanceOf(seed)
  const clock = worldClock(chance)
  const weather: Weather = { isStorm: false, dying: chance.pick([0, 0.002, 0.01, 0.03]), failing: chance.pick([0, 0.005, 0.02]) }
  const [log, provider] = [memoryLog('simulate', openWork.of), simulatedProvider(chance, weather, clock.now)]
  const kept = { keyring: memoryKeyring(), blobs: memoryBlobs() }
  const isRepeated = chance.happens(0.3)
  const lives = startLives({ chance, clock, log, provider, weather, isOperated: isRepeated, ...kept })
  const context = someone(chance)
  const callers = callersOf({ chance, clock, lives, context, stormMs })
  const speaker = speakerOf({ store: log.open(), clock, chance, lives, context })
  const repeaters = repeatersOf({ store: log.open(), clock, chance, lives, context })
  return { chance, clock, weather, log, provider, kept, lives, context, callers, speaker, repeaters, isRepeated }
}
type World = ReturnType<typeof worldOf>

const someone = (chance: Chance): Context => ({
  actor: 'user:simulated',
  organisationId: '5c0b2f5e-0000-4000-8000-000000000001',
  correlationId: chance.id(),
  causationId: chance.id(),
})

/** @returns the workflows that may be called, each with a version 1 */
const prepare = async ({ chance, lives, context }: World): Promise<readonly Callee[]> => {
  const imported = (file: object): Promise<Callee> =>
    lives.ask(async ({ workflows }) => {
      const [{ workflowId } = { workflowId: '' }] = await workflows.importWorkflows(file, context)
      const { workflow, revision } = await workflows.handle(
        { type: 'PublishWorkflow', workflowId, organisationId: context.organisationId },
        context,
      )
      const gathers = /"debounce"|"batch"/.test(JSON.stringify(workflow.settings))
      return { workflowId, revision: workflow.versions.get(1)?.revision ?? revision, gathers }
    })
  const { workflowId: childId } = await imported(childFile(chance))
  const files = Array.from({ length: chance.between(1, 3) }, (_, number) => parentFile(chance, `P${number}`, childId))
  return Promise.all(files.map(imported))
}

/** From the import of the workflows to the end of the storm. Those who act in it go on by themselves, and tell what they could not do. */
const storm = async (world: World, told: (error: unknown) => void): Promise<void> => {
  const { chance, clock, weather, callers, log } = world
  const workflows = await prepare(world)
  weather.isStorm = true
  const calls = chance.between(1, 6)
  for (let number = 0; number < calls; number += 1) callers.call(chance.pick(workflows), `d${number}`).catch(told)
  personWhoSeesToIt({ ...world, store: log.open() })
    .watch()
    .catch(told)
  const meddlers = chance.between(0, 2)
  for (let number = 0; number < meddlers; number += 1) meddle(world).catch(told)
  if (world.isRepeated) repeat(world).catch(told)
  const offAt = chance.between(0, stormMs)
  const offBy = chance.happens(0.1) ? chance.pick([-600_000, 5_000, 7_200_000]) : 0
  void clock.sleep(offAt).then(() => clock.putOff(offBy))
  await clock.sleep(stormMs)
  weather.isStorm = false
}

const meddle = async ({ chance, clock, weather, speaker }: World): Promise<void> => {
  while (weather.isStorm) {
    await clock.sleep(chance.between(10, 4_000))
    await speaker.meddle()
  }
}

/** Once or twice, when something has ended. */
const repeat = async ({ chance, clock, weather, repeaters }: World): Promise<void> => {
  for (let left = chance.between(1, 2); weather.isStorm && left > 0; ) {
    await clock.sleep(chance.between(10, 15_000))
    if (await repeaters.repeat()) left -= 1
  }
}

/**
 * One story of an engine in a world that loses answers, refuses appends, ends processes and puts clocks off; what happens, and what comes first
 * of what is due at the same time, follows from the seed alone.
 */
export const simulate = async (seed: number): Promise<SimulationReport> => {
  const world = worldOf(seed)
  const { chance, clock, log, provider, lives, callers, kept, speaker, repeaters } = world
  const untold: unknown[] = []
  let isOver = false
  storm(world, (error) => untold.push(error))
    .catch((error: unknown) => untold.push(error))
    .finally(() => {
      isOver = true
    })
  await clock.run(() => isOver && callers.waiting() === 0 && log.openStreams() === 0, clock.now() + weekMs)
  const unanswered = callers.waiting()
  const isOpen = log.openStreams() > 0
  const { accepted, turnedAway } = callers
  const told = { accepted, turnedAway, heard: speaker.heard, repeaters, unanswered }
  const checked = await checkWorld({ ...kept, ...told, store: log.open(), chance, provider, isOpen, isClockTrue: clock.isTrue() })
  const unexpected = [...untold, ...lives.problems()].filter((error) => !isPassing(error))
  const problems = [
    ...checked.problems,
    ...unexpected.map((error) => (error instanceof Error ? (error.stack ?? error.message) : String(error))),
  ]
  return { seed, crashes: lives.crashes(), effects: provider.effects.length, ...checked, problems }
}
