import type { Context } from '@weconnect/contracts/envelope'
import { type ErrorCode, isWeConnectError } from '@weconnect/contracts/errors'
import { idOf } from '@weconnect/contracts/ids'
import type { EventStore } from '@weconnect/eventstore/port'
import type { Executions } from '@weconnect/executions/face'
import type { WaitView } from '@weconnect/executions/view/face'
import type { Chance } from './chance.ts'
import type { Lives } from './lives.ts'
import type { WorldClock } from './world-clock.ts'

/** What a person was told that it was heard. */
export interface Said {
  readonly executionId: string
  readonly what: 'signal' | 'decision' | 'call'
  /** Only this was said with it. */
  readonly id: string
  readonly step?: number | undefined
  readonly approved?: boolean
}

export interface SpeakerOptions {
  readonly store: EventStore
  readonly clock: WorldClock
  readonly chance: Chance
  readonly lives: Lives
  readonly context: Context
}

/** What people say to executions, each until it was heard. */
export interface Speaker {
  /** All that was heard. */
  readonly heard: readonly Said[]
  /** Something to some execution, whether it fits or not. */
  meddle(): Promise<void>
  letGoOn(executionId: string): Promise<void>
  /** What a step waits for. */
  answer(executionId: string, waitFor: WaitView['waitFor'], step?: number): Promise<void>
}

export const speakerOf = ({ store, clock, chance, lives, context }: SpeakerOptions): Speaker => {
  const heard: Said[] = []

  /** @returns whether it was heard: refused for its state, an earlier time it was said may have been heard after all, or it does not fit */
  const say = async (word: (executions: Executions) => Promise<unknown>): Promise<boolean> =>
    lives.ask(({ executions }) =>
      word(executions).then(
        () => true,
        (error: unknown) => {
          if (!refusals.some((code) => isWeConnectError(error, code))) throw error
          return false
        },
      ),
    )

  const signal = async (executionId: string): Promise<void> => {
    const id = chance.id()
    const isHeard = await say((executions) => executions.signal({ executionId, name: 'go', payload: id, signalId: id }, context))
    if (isHeard) heard.push({ executionId, what: 'signal', id })
  }

  /** Who names no step and was not answered, may decide what is asked next when they say it again: nobody knows that it is the same. */
  const decide = async (executionId: string, step?: number): Promise<void> => {
    const approved = chance.happens(0.7)
    let id = ''
    const isHeard = await say((executions) => {
      id = chance.id()
      return executions.decideApproval({ executionId, approved, comment: id, role: 'editor', ...(step !== undefined && { step }) }, context)
    })
    if (isHeard) heard.push({ executionId, what: 'decision', id, step, approved })
  }

  const call = async (executionId: string): Promise<void> => {
    const id = chance.id()
    if (await say((executions) => executions.resume(executionId, [{ json: { call: id } }], context)))
      heard.push({ executionId, what: 'call', id })
  }

  const letGoOn = async (executionId: string): Promise<void> =>
    void (await say((executions) => executions.resume(executionId, undefined, context)))

  const pause = async (executionId: string): Promise<void> => {
    if (!(await say((executions) => executions.pause(executionId, 'wait', context)))) return
    if (chance.happens(0.5)) return
    await clock.sleep(chance.pick([0, 10, 1_000, 20_000]))
    await letGoOn(executionId)
  }

  const answers = { signal, approval: decide, webhook: call }
  return {
    heard,
    letGoOn,
    answer: (executionId, waitFor, step) => answers[waitFor](executionId, step),
    meddle: async () => {
      const open = (await store.openWork()).filter(({ stream }) => stream.startsWith('execution-'))
      if (open.length === 0) return
      await chance.pick([signal, decide, call, pause, pause, letGoOn])(idOf(chance.pick(open).stream))
    },
  }
}

const refusals: readonly ErrorCode[] = ['INVALID_STATE', 'INVALID_INPUT', 'NOT_FOUND']
