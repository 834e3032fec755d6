import { decodeCursor } from '@weconnect/contracts/cursor'
import type { Envelope, Position } from '@weconnect/contracts/envelope'
import { idOf } from '@weconnect/contracts/ids'
import type { StoredEvent } from '@weconnect/eventstore/port'
import { type Watched, watchableStream } from '@weconnect/realtime/access'
import { type Update, updateOf } from '@weconnect/realtime/update'
import { abortable } from '../abortable.ts'
import { allowed, type GraphContext } from '../context.ts'
import type { Resolvers } from '../executable-schema.ts'
import { executionOfView } from '../sources/execution-source.ts'
import { withoutNulls } from '../sources/given.ts'
import { workflowOfAggregate } from '../sources/workflow-source.ts'

const startOf = ({ parts: { journal } }: GraphContext, after: string | null | undefined): Position | 'end' =>
  after ? decodeCursor(after, journal.logId).position : 'end'

/** A subscription ends with the token it was opened with. */
const refuseWhenExpired = async ({ identity, parts }: GraphContext): Promise<void> => {
  if (identity !== undefined) await parts.admin.verifyToken(identity.token)
}

/** Common fields of ExecutionUpdate and WorkflowUpdate. */
const fieldsOf = ({ timestamp, cursor, ...same }: Update) => ({ ...same, time: timestamp, position: cursor })

/** The newest state that is known, loaded again only when an event is newer: of a batch, the first event loads it for all. */
const newest = <State extends { readonly revision: number }>(load: () => Promise<State>) => {
  let known: Promise<State> | undefined
  return async (revision: number): Promise<State> => {
    const state = await known
    if (state !== undefined && state.revision >= revision) return state
    known = load()
    return known
  }
}

const executionUpdates = (context: GraphContext, executionId: string, organisationId: string) => {
  const state = newest(() => context.parts.executions.view(executionId, organisationId))
  return (envelope: Envelope) => ({
    ...fieldsOf(updateOf(envelope, context.parts.journal.logId)),
    executionId,
    execution: async () => executionOfView(await state(envelope.revision)),
  })
}

const workflowUpdates = (context: GraphContext, workflowId: string, organisationId: string) => {
  const state = newest(() => context.parts.workflows.load(workflowId, organisationId))
  return (envelope: Envelope) => ({
    ...fieldsOf(updateOf(envelope, context.parts.journal.logId)),
    workflowId,
    workflow: async () => {
      const { workflow, revision } = await state(envelope.revision)
      return workflowOfAggregate(workflow, revision)
    },
  })
}

/** Updates of one stream under the name of the subscription's field. */
const follow = (
  context: GraphContext,
  stream: string,
  after: string | null | undefined,
  field: string,
  of: (envelope: Envelope) => unknown,
) =>
  abortable((signal) => {
    // Here, not in the generator: the place is fixed now.
    const batches = context.parts.journal.subscribe({ after: startOf(context, after), stream, signal })
    return (async function* () {
      for await (const batch of batches) {
        await refuseWhenExpired(context)
        for (const envelope of batch) yield { [field]: of(envelope) }
      }
    })()
  })

interface Follow {
  readonly id: string
  readonly after?: string | null
}

const stepEvents = /^Step/
const ends: ReadonlySet<string> = new Set(['ExecutionCompleted', 'ExecutionFailed', 'ExecutionCancelled', 'ExecutionTimedOut'])

interface ExecutionsFilter {
  readonly workflowId?: string | null
  readonly types?: readonly string[] | null
}

/** Says which workflow an execution is of; only the first event of its stream knows. */
const workflowsOfExecutions = ({ parts: { journal } }: GraphContext) => {
  const known = new Map<string, string>()
  return async (stored: StoredEvent): Promise<string | undefined> => {
    const { stream, type } = stored
    if (!known.has(stream))
      for await (const first of journal.read(stream, { limit: 1 }))
        if (first.type === 'ExecutionRequested') known.set(stream, first.data.workflowId)
    const workflowId = known.get(stream)
    if (ends.has(type)) known.delete(stream)
    return workflowId
  }
}

/** Looks at the clear part of stored events, so that only what is wanted is opened. */
const followExecutions = (context: GraphContext, organisationId: string, filter: ExecutionsFilter, after: string | null | undefined) =>
  abortable((signal) => {
    const { store, journal } = context.parts
    const batches = store.subscribe({ after: startOf(context, after), families: ['execution'], signal })
    const workflowOf = workflowsOfExecutions(context)
    const wanted = async (stored: StoredEvent): Promise<boolean> =>
      !stepEvents.test(stored.type) &&
      (!filter.types || filter.types.includes(stored.type)) &&
      (JSON.parse(stored.metadata.toString()) as { organisationId?: string }).organisationId === organisationId &&
      (!filter.workflowId || (await workflowOf(stored)) === filter.workflowId)
    return (async function* () {
      for await (const batch of batches) {
        await refuseWhenExpired(context)
        for (const stored of batch) {
          if (!(await wanted(stored))) continue
          const envelope = await journal.open(stored)
          yield { executions: executionUpdates(context, idOf(stored.stream), organisationId)(envelope) }
        }
      }
    })()
  })

/** @throws WeConnectError FORBIDDEN, INVALID_INPUT, NOT_FOUND */
const followOne = async (
  context: GraphContext,
  type: Watched,
  { id, after }: Follow,
  updates: (context: GraphContext, id: string, organisationId: string) => (envelope: Envelope) => object,
) => {
  const principal = allowed(context, `${type}:read`)
  const stream = await watchableStream(context.parts.journal, principal, type, id)
  return follow(context, stream, after, `${type}Updated`, updates(context, id, principal.organisationId))
}

export const subscriptionResolvers: Resolvers = {
  Subscription: {
    executionUpdated: {
      subscribe: (_: unknown, args: Follow, context: GraphContext) => followOne(context, 'execution', args, executionUpdates),
    },
    workflowUpdated: {
      subscribe: (_: unknown, args: Follow, context: GraphContext) => followOne(context, 'workflow', args, workflowUpdates),
    },
    executions: {
      subscribe: (_: unknown, { filter, after }: { filter?: ExecutionsFilter | null; after?: string | null }, context: GraphContext) => {
        const { organisationId } = allowed(context, 'execution:read')
        return followExecutions(context, organisationId, withoutNulls(filter ?? {}), after)
      },
    },
  },
}
