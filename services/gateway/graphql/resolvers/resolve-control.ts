import type { JsonValue } from '@weconnect/contracts/json'
import { allowed, commandContext, type GraphContext } from '../context.ts'
import type { Resolvers } from '../executable-schema.ts'
import { type ExecutionSource, executionOfView } from '../sources/execution-source.ts'
import { withoutNulls } from '../sources/given.ts'
import { itemsOf } from '../sources/items-input.ts'
import { executionPayload, viewOf } from './resolve-execution.ts'
import { type ExecutionListing, executionConnection } from './resolve-workflow.ts'

interface SignalArgs {
  readonly id: string
  readonly name: string
  readonly payload?: JsonValue
  readonly signalId?: string | null
}

interface DecideArgs {
  readonly input: {
    readonly executionId: string
    readonly step?: number | null
    readonly approved: boolean
    readonly comment?: string | null
  }
}

const parentOf = async (source: ExecutionSource, _: unknown, context: GraphContext) => {
  const { parent } = await viewOf(source, context)
  return parent && executionOfView(await context.loaders().execution(parent.executionId))
}

/** Lineage of executions, and what people say to those that run. */
export const controlResolvers: Resolvers = {
  Execution: {
    parent: parentOf,
    parentStep: async (source: ExecutionSource, _: unknown, context) => (await viewOf(source, context)).parent?.step,
    children: ({ id }: ExecutionSource, args: ExecutionListing, context) =>
      executionConnection(context, { ...args, filter: { parentExecutionId: id } }),
    pause: async (source: ExecutionSource, _: unknown, context) => (await viewOf(source, context)).paused,
    waits: async (source: ExecutionSource, { open }: { open?: boolean | null }, context) => {
      const { waits } = await viewOf(source, context)
      const wanted = waits.filter(({ endedAt }) => open !== true || endedAt === undefined)
      return wanted.map((wait) => ({ ...wait, executionId: source.id }))
    },
  },
  Mutation: {
    pauseExecution: async (_: unknown, { id, reason }: { id: string; reason?: string | null }, context) => {
      const principal = allowed(context, 'execution:pause')
      const token = await context.parts.executions.pause(id, reason ?? undefined, commandContext(context, principal))
      return executionPayload(context, id, principal.organisationId, token)
    },
    resumeExecution: async (_: unknown, { id, input }: { id: string; input?: JsonValue }, context) => {
      const principal = allowed(context, 'execution:pause')
      const token = await context.parts.executions.resume(id, itemsOf(input), commandContext(context, principal))
      return executionPayload(context, id, principal.organisationId, token)
    },
    signalExecution: async (_: unknown, { id, name, payload = null, signalId }: SignalArgs, context) => {
      const principal = allowed(context, 'execution:signal')
      const signal = { executionId: id, name, payload, ...(signalId && { signalId }) }
      const token = await context.parts.executions.signal(signal, commandContext(context, principal))
      return executionPayload(context, id, principal.organisationId, token)
    },
    decideApproval: async (_: unknown, { input: { executionId, approved, ...more } }: DecideArgs, context) => {
      const principal = allowed(context, 'execution:approve')
      const answer = { executionId, approved, role: principal.role, ...withoutNulls(more) }
      const token = await context.parts.executions.decideApproval(answer, commandContext(context, principal))
      return executionPayload(context, executionId, principal.organisationId, token)
    },
  },
}
