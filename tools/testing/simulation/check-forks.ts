import type { Envelope } from '@weconnect/contracts/envelope'
import type { ExecutionEvent, ExecutionRequested } from '@weconnect/contracts/events/execution'
import type { EventStore, StoredEvent } from '@weconnect/eventstore/port'
import type { Executions } from '@weconnect/executions/face'
import { type Effect, runOf } from './provider.ts'
import type { Repeaters } from './repeaters.ts'

type Events = readonly Envelope<ExecutionEvent>[]
type Request = Pick<ExecutionRequested['data'], 'forkedFromExecutionId' | 'forkedAtStep' | 'parentExecutionId'>

export type Requests = ReadonlyMap<string, Request>

/** What each execution was asked for with. */
export const requestsOf = (streams: ReadonlyMap<string, readonly StoredEvent[]>): Requests =>
  new Map([...streams].map(([executionId, [first]]) => [executionId, JSON.parse(first?.data.toString() ?? '{}') as Request]))

/** The fork that an execution is, or that it was called by; what others do is done once for all of them. */
export const forkOf = (executionId: string, requests: Requests): string => {
  const { forkedFromExecutionId, parentExecutionId } = requests.get(executionId) ?? {}
  if (forkedFromExecutionId !== undefined) return executionId
  return parentExecutionId === undefined ? '' : forkOf(parentExecutionId, requests)
}

/** Forks are those that were asked for, once each. */
export const askedProblems = async (
  requests: Requests,
  { asked }: Pick<Repeaters, 'asked'>,
  store: EventStore,
  bulkView: (id: string) => ReturnType<Executions['bulkView']>,
): Promise<string[]> => {
  const forks = [...requests].filter(([, { forkedFromExecutionId }]) => forkedFromExecutionId !== undefined).map(([id]) => id)
  const begun = forks.filter((id) => !asked.has(id)).length
  const bulks = (await store.readAll({ limit: 1_000_000 })).filter(({ type }) => type === 'BulkRequested')
  let said = 0
  for (const { stream } of bulks) said += (await bulkView(stream.slice('bulk-'.length))).succeeded
  return [
    ...[...asked].flatMap(([id, isBegun]) => (isBegun && !requests.has(id) ? [`the fork ${id} was begun and is not in the log`] : [])),
    ...(begun === said ? [] : [`${begun} forks were begun by operations that say ${said}`]),
  ]
}

const taken: ReadonlySet<string> = new Set(['StepStarted', 'StepCompleted', 'StepFailed', 'StepRetryScheduled'])

/** What was recorded of the steps before one. */
const before = (events: Events, step: number): string[] =>
  events.flatMap(({ type, data }) => (taken.has(type) && (data as { step: number }).step < step ? [JSON.stringify({ type, data })] : []))

/** A fork has what was recorded before its point, and does nothing of it again. @param own effects that are its own */
export const forkProblems = (executionId: string, events: Events, source: Events, own: readonly Effect[]): string[] => {
  const [request] = events
  const at = request?.type === 'ExecutionRequested' ? (request.data.forkedAtStep ?? 0) : 0
  const expected = before(source, at)
  const beginning = events.slice(2, 2 + expected.length).map(({ type, data }) => JSON.stringify({ type, data }))
  const done = new Set<string>()
  for (const { type, data } of source) if (type === 'StepCompleted' && data.step < at) done.add(`${data.nodeName}/${data.runIndex}`)
  const again = own.filter(({ call }) => done.has(runOf(call).join('/')))
  return [
    ...(String(beginning) === String(expected) ? [] : [`${executionId} does not begin with what was recorded before step ${at}`]),
    ...again.map(({ call }) => `${executionId} did ${call} again, which it had taken over from step ${at}`),
  ]
}

/** A receiver that knows a key again takes two calls for one: no two executions, and no two calls, share one. */
export const keyProblems = (asks: ReadonlyMap<string, ReadonlySet<string>>): string[] =>
  [...asks].flatMap(([key, calls]) => (calls.size > 1 ? [`the key ${key} was sent with ${[...calls].join(' and ')}`] : []))
