import type { Context } from '@weconnect/contracts/envelope'
import { isWeConnectError } from '@weconnect/contracts/errors'
import type { Chance } from './chance.ts'
import type { Lives } from './lives.ts'
import type { WorldClock } from './world-clock.ts'

/** Those who start executions, and sometimes cancel them. */
export interface Callers {
  /** @param delivery names what is to be done, so that it is done once */
  call(workflowId: string, delivery: string): Promise<void>
  /** Calls that were not answered yet. */
  waiting(): number
  /** Ids of executions of which a caller was told that they are kept. */
  readonly accepted: ReadonlySet<string>
}

export interface CallersOptions {
  readonly chance: Chance
  readonly clock: WorldClock
  readonly lives: Lives
  readonly context: Context
  readonly stormMs: number
}

export const callersOf = ({ chance, clock, lives, context, stormMs }: CallersOptions): Callers => {
  const accepted = new Set<string>()
  let waiting = 0

  const start = async (workflowId: string, executionId: string, delivery: string): Promise<void> => {
    const input = Array.from({ length: chance.between(1, 3) }, () => ({ json: { delivery } }))
    await clock.sleep(chance.between(0, stormMs / 2))
    // In a conflict an earlier question was heard after all.
    await lives.ask(({ executions }) => executions.run({ workflowId, executionId, input }, context).catch(unless('REVISION_CONFLICT')))
    accepted.add(executionId)
  }

  const cancelSometimes = async (executionId: string): Promise<void> => {
    if (!chance.happens(0.1)) return
    await clock.sleep(chance.between(0, stormMs))
    await lives.ask(({ executions }) => executions.cancel(executionId, 'enough', context).catch(unless('INVALID_STATE')))
  }

  return {
    accepted,
    waiting: () => waiting,
    call: async (workflowId, delivery) => {
      waiting += 1
      const executionId = chance.id()
      await start(workflowId, executionId, delivery)
      waiting -= 1
      await cancelSometimes(executionId)
    },
  }
}

const unless =
  (code: 'REVISION_CONFLICT' | 'INVALID_STATE') =>
  (error: unknown): void => {
    if (!isWeConnectError(error, code)) throw error
  }
