import type { Context } from '@weconnect/contracts/envelope'
import { isWeConnectError, type WeConnectError } from '@weconnect/contracts/errors'
import type { Outputs } from '@weconnect/contracts/items'
import type { Chance } from './chance.ts'
import { customers } from './limits.ts'
import type { Lives } from './lives.ts'
import type { SimulatedProcess } from './process.ts'
import type { WorldClock } from './world-clock.ts'

/** A workflow that can be called. */
export interface Callee {
  readonly workflowId: string
  /** Of its version 1. */
  readonly revision: number
  /** It puts aside what arrives. */
  readonly gathers: boolean
}

/** Those who start executions, and sometimes cancel them. */
export interface Callers {
  /** @param delivery names what is to be done, so that it is done once */
  call(callee: Callee, delivery: string): Promise<void>
  /** Calls that were not answered yet. */
  waiting(): number
  /** Ids of executions of which a caller was told that they are kept. */
  readonly accepted: ReadonlySet<string>
  /** Ids of executions of which a caller was told that they are not begun. */
  readonly turnedAway: ReadonlySet<string>
}

export interface CallersOptions {
  readonly chance: Chance
  readonly clock: WorldClock
  readonly lives: Lives
  readonly context: Context
  readonly stormMs: number
}

/** What somebody asks for, the same each time. */
interface Question {
  readonly callee: Callee
  readonly executionId: string
  readonly input: Outputs
  readonly context: Context
}

/** @returns the execution that it is, or becomes part of */
type Way = (process: SimulatedProcess, question: Question) => Promise<string>

const byHand: Way = async ({ executions }, { callee: { workflowId }, executionId, input, context }) =>
  (await executions.run({ workflowId, executionId, input: input[0] ?? [] }, context)).executionId

const byProgram: Way = async ({ executions }, { callee: { workflowId }, executionId, input, context }) => {
  const own = { ...context, actor: 'token:simulated' }
  return (await executions.run({ workflowId, version: 1, executionId, input: input[0] ?? [] }, own)).executionId
}

const byWebhook: Way = async ({ engine }, { callee: { workflowId, revision }, executionId, input, context }) => {
  const version = { workflowId, workflowVersion: 1, workflowRevision: revision }
  const asked = { ...version, executionId, trigger: 'webhook', deliveryId: executionId, input, answer: 'immediately', context } as const
  return (await engine.execute(asked).accepted).within ?? executionId
}

const refusals = ['RATE_LIMITED', 'QUEUE_FULL', 'EXECUTION_SKIPPED'] as const

export const callersOf = ({ chance, clock, lives, context, stormMs }: CallersOptions): Callers => {
  const accepted = new Set<string>()
  const turnedAway = new Set<string>()
  let waiting = 0

  /** Asks until it is kept, or nobody wants it any more. */
  const start = async (way: Way, question: Question): Promise<string | undefined> => {
    for (;;) {
      const answer = await lives.ask((process) => way(process, question).catch(heardOf(question.executionId)))
      if (typeof answer === 'string') return answer
      if (answer.retryAfterSeconds === undefined || chance.happens(0.3)) return undefined
      await clock.sleep(answer.retryAfterSeconds * 1_000)
    }
  }

  /** Whoever has lost an answer asks again, and is told the same. */
  const againSometimes = async (way: Way, question: Question): Promise<void> => {
    if (!chance.happens(0.2)) return
    await clock.sleep(chance.between(0, stormMs / 2))
    if ((await start(way, question)) === undefined) turnedAway.add(question.executionId)
  }

  const cancelSometimes = async (executionId: string): Promise<void> => {
    if (!chance.happens(0.1)) return
    await clock.sleep(chance.between(0, stormMs))
    await lives.ask(({ executions }) => executions.cancel(executionId, 'enough', context).catch(isNotThere))
  }

  return {
    accepted,
    turnedAway,
    waiting: () => waiting,
    call: async (callee, delivery) => {
      waiting += 1
      const customer = chance.pick(customers)
      const input = [Array.from({ length: chance.between(1, 3) }, () => ({ json: { delivery, customer } }))]
      const question = { callee, executionId: chance.id(), input, context }
      await clock.sleep(chance.between(0, stormMs / 2))
      const way = chance.pick([byHand, byProgram, byWebhook])
      const executionId = await start(way, question)
      if (executionId === undefined) turnedAway.add(question.executionId)
      else accepted.add(executionId)
      // What was put aside is known again for a while only, and may be over the rate when it is sent again.
      if (executionId !== undefined && !callee.gathers) await againSometimes(way, question)
      waiting -= 1
      if (executionId !== undefined) await cancelSometimes(executionId)
    },
  }
}

/** In a conflict an earlier question was heard after all. */
const heardOf =
  (executionId: string) =>
  (error: unknown): string | WeConnectError => {
    if (isWeConnectError(error, 'REVISION_CONFLICT')) return executionId
    if (isWeConnectError(error) && refusals.some((code) => code === error.code)) return error
    throw error
  }

/** It has ended, or is put aside and not begun. */
const isNotThere = (error: unknown): void => {
  if (!isWeConnectError(error, 'INVALID_STATE') && !isWeConnectError(error, 'NOT_FOUND')) throw error
}
