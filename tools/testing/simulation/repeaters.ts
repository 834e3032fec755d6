import type { Context } from '@weconnect/contracts/envelope'
import { isWeConnectError } from '@weconnect/contracts/errors'
import { idOf } from '@weconnect/contracts/ids'
import type { EventStore } from '@weconnect/eventstore/port'
import type { ForkRequest } from '@weconnect/executions/face'
import type { Chance } from './chance.ts'
import { endings } from './endings.ts'
import type { Lives } from './lives.ts'
import type { WorldClock } from './world-clock.ts'

export interface RepeatersOptions {
  readonly store: EventStore
  readonly clock: WorldClock
  readonly chance: Chance
  readonly lives: Lives
  readonly context: Context
}

/** Those who run again what has ended: one execution from any point, or several in one operation. */
export interface Repeaters {
  /** Runs something that has ended again, if anything has. @returns whether it was asked for */
  repeat(): Promise<boolean>
  /** Forks that were asked for one by one, each under an id of its own, and whether it was said that they are begun. */
  readonly asked: ReadonlyMap<string, boolean>
  /** Operations that were accepted. */
  readonly operations: ReadonlySet<string>
}

export const repeatersOf = ({ store, clock, chance, lives, context }: RepeatersOptions): Repeaters => {
  const asked = new Map<string, boolean>()
  const operations = new Set<string>()

  const pointOf = async (executionId: string): Promise<ForkRequest['from']> => {
    const { steps } = await lives.ask(({ executions }) => executions.view(executionId, context.organisationId))
    const step = chance.between(0, Math.max(0, steps.length - 1))
    return chance.pick(['failedStep' as const, {}, { step }, { step }, { step }, { node: steps[step]?.nodeName }])
  }

  /** Whoever has no answer asks again, and so does sometimes who has one: under one id it is begun once. */
  const fork = async (source: string): Promise<void> => {
    const executionId = chance.id()
    const from = await pointOf(source)
    asked.set(executionId, false)
    for (let times = chance.between(1, 2); times > 0; times -= 1) {
      const isBegun = await lives.ask(({ executions }) =>
        executions.fork(source, { from, executionId }, context).then(() => true, wasBegun),
      )
      if (isBegun) asked.set(executionId, true)
      await clock.sleep(chance.between(0, 5_000))
    }
  }

  const operate = async (executionIds: readonly string[]): Promise<void> => {
    const request = { operation: chance.pick(['retry', 'rerun'] as const), executionIds, newestVersion: false }
    operations.add((await lives.ask(({ executions }) => executions.bulk(request, context))).id)
  }

  return {
    asked,
    operations,
    repeat: async () => {
      const ended = (await store.readAll({ limit: 1_000_000 })).filter(({ type }) => endings.has(type)).map(({ stream }) => idOf(stream))
      if (ended.length === 0) return false
      await (chance.happens(0.6) ? fork(chance.pick(ended)) : operate([...new Set([chance.pick(ended), chance.pick(ended)])]))
      return true
    },
  }
}

/** It was begun when it was asked for before; or it cannot be: no step has failed, what was done is undone, a step undid another one. */
const wasBegun = (error: unknown): boolean => {
  if (isWeConnectError(error, 'REVISION_CONFLICT')) return true
  if (isWeConnectError(error, 'INVALID_STATE') || isWeConnectError(error, 'INVALID_INPUT')) return false
  throw error
}
