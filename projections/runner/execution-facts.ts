import type { Envelope } from '@weconnect/contracts/envelope'
import type { ExecutionRequested } from '@weconnect/contracts/events/execution'
import type { Journal } from '@weconnect/eventstore/journal'

/** What the first event of an execution said; its other events do not repeat it. */
export interface ExecutionFacts {
  readonly executionId: string
  readonly workflowId: string
  readonly trigger: ExecutionRequested['data']['trigger']
  readonly requestedAt: string
  /** Of the webhook whose call it was. */
  readonly webhookId: string | undefined
  /** Whether the batch in hand holds its first event: then nothing of it is in the tables. */
  readonly isNew: boolean
}

export interface FactsOfExecutions {
  /** Called with every batch before it is folded: reads from the log what no batch brought (after a restart). */
  prepare(events: readonly Envelope[]): Promise<void>
  /** Undefined when the stream does not begin with ExecutionRequested. */
  find(stream: string): ExecutionFacts | undefined
  /** Called when a batch is done: forgets executions that have ended. */
  settle(events: readonly Envelope[]): void
}

const endings: ReadonlySet<string> = new Set(['ExecutionCompleted', 'ExecutionFailed', 'ExecutionCancelled', 'ExecutionTimedOut'])

/** Open executions remembered at most; those that are forgotten are read from the log again. */
const capacity = 50_000

export const factsOfExecutions = (journal: Journal): FactsOfExecutions => {
  const known = new Map<string, ExecutionFacts>()
  const load = async (stream: string): Promise<void> => {
    for await (const event of journal.read(stream, { limit: 1 }))
      if (event.type === 'ExecutionRequested') known.set(stream, factsFrom(event, false))
  }
  return {
    prepare: async (events) => {
      const missing = new Set<string>()
      for (const event of events) {
        if (event.type === 'ExecutionRequested') known.set(event.stream, factsFrom(event, true))
        else if (event.stream.startsWith('execution-') && !known.has(event.stream)) missing.add(event.stream)
      }
      for (const stream of missing) if (!known.has(stream)) await load(stream)
    },
    find: (stream) => known.get(stream),
    settle: (events) => {
      for (const { type, stream } of events) {
        const facts = known.get(stream)
        if (facts === undefined) continue
        if (endings.has(type)) known.delete(stream)
        else if (facts.isNew) known.set(stream, { ...facts, isNew: false })
      }
      for (const stream of known.keys()) {
        if (known.size <= capacity) break
        known.delete(stream)
      }
    },
  }
}

const factsFrom = ({ data, time, actor }: Envelope<ExecutionRequested>, isNew: boolean): ExecutionFacts => ({
  isNew,
  executionId: data.executionId,
  workflowId: data.workflowId,
  trigger: data.trigger,
  requestedAt: time,
  webhookId: actor.startsWith('webhook:') ? actor.slice(8) : undefined,
})
