import type { Context } from '@weconnect/contracts/envelope'
import { isWeConnectError } from '@weconnect/contracts/errors'
import { idOf } from '@weconnect/contracts/ids'
import type { EventStore } from '@weconnect/eventstore/port'
import type { ExecutionView, IncidentView } from '@weconnect/executions/view/face'
import type { Chance } from './chance.ts'
import type { Lives } from './lives.ts'
import type { Provider } from './provider.ts'
import type { Speaker } from './speaker.ts'
import type { WorldClock } from './world-clock.ts'

export interface PersonOptions {
  readonly speaker: Speaker
  readonly store: EventStore
  readonly provider: Provider
  readonly clock: WorldClock
  readonly chance: Chance
  readonly lives: Lives
  readonly context: Context
}

/** Somebody who looks now and then at what stands still: looks into the provider's books when a call is in doubt, and says what is asked for. */
export const personWhoSeesToIt = ({ store, provider, clock, chance, lives, context, speaker }: PersonOptions) => {
  /** The effect of any call of the step: a retry would make all of them again. */
  const effectOf = ({ executionId, steps }: ExecutionView, { step, nodeName }: IncidentView): number => {
    const calls = `/${nodeName}/${steps.find((one) => one.step === step)?.runIndex}/`
    return provider.effects.findLastIndex(({ call, execution }) => execution === executionId && call.includes(calls)) + 1
  }

  const resolve = async (view: ExecutionView, incident: IncidentView): Promise<void> => {
    const [{ executionId }, { step }] = [view, incident]
    const effect = effectOf(view, incident)
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
    for (const incident of view.incidents) if (incident.resolution === undefined) await resolve(view, incident)
    if (view.paused) await speaker.letGoOn(executionId)
    const waits = view.waits.filter(({ endedAt }) => endedAt === undefined)
    // What waits for a call in n8n's orders is not among them.
    if (waits.length === 0 && view.status === 'waiting') await speaker.answer(executionId, 'webhook')
    for (const { step, waitFor } of waits) await speaker.answer(executionId, waitFor, step)
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
