import type { Context } from '@weconnect/contracts/envelope'
import { isWeConnectError } from '@weconnect/contracts/errors'
import { idOf } from '@weconnect/contracts/ids'
import type { EventStore } from '@weconnect/eventstore/port'
import type { ExecutionView, IncidentView } from '@weconnect/executions/view/face'
import type { Chance } from './chance.ts'
import type { Lives } from './lives.ts'
import type { Provider } from './provider.ts'
import type { WorldClock } from './world-clock.ts'

export interface PersonOptions {
  readonly store: EventStore
  readonly provider: Provider
  readonly clock: WorldClock
  readonly chance: Chance
  readonly lives: Lives
  readonly context: Context
}

/** Somebody who looks now and then whether a call is in doubt, looks into the provider's books, and says what became of it. */
export const personWhoResolves = ({ store, provider, clock, chance, lives, context }: PersonOptions) => {
  /** The effect of any call of the step: a retry would make all of them again. */
  const effectOf = async ({ steps, input }: ExecutionView, { step, nodeName }: IncidentView): Promise<number> => {
    const delivery = String((await input())[0]?.[0]?.json['delivery'])
    const calls = `${delivery}/${nodeName}/${steps.find((one) => one.step === step)?.runIndex}/`
    return provider.effects.findLastIndex(({ call }) => call.startsWith(calls)) + 1
  }

  const resolve = async (view: ExecutionView, incident: IncidentView): Promise<void> => {
    const [{ executionId }, { step }] = [view, incident]
    const effect = await effectOf(view, incident)
    const answer =
      effect > 0
        ? { resolution: 'skip' as const, outputs: [[{ json: { effect } }]] }
        : { resolution: chance.pick(['retry', 'retry', 'fail'] as const) }
    await lives.ask(({ executions }) =>
      executions.resolveIncident({ executionId, step, ...answer }, context).catch((error: unknown) => {
        // It was cancelled meanwhile, or the answer to an earlier try was lost.
        if (!isWeConnectError(error, 'INVALID_STATE')) throw error
      }),
    )
  }

  const lookAt = async (executionId: string): Promise<void> => {
    const view = await lives.ask(({ executions }) => executions.view(executionId, context.organisationId))
    if (view.status !== 'incident') return
    for (const incident of view.incidents) if (incident.resolution === undefined) await resolve(view, incident)
  }

  return {
    watch: async (): Promise<never> => {
      for (;;) {
        await clock.sleep(chance.between(5_000, 60_000))
        for (const { stream } of await store.openWork()) if (stream.startsWith('execution-')) await lookAt(idOf(stream))
      }
    },
  }
}
