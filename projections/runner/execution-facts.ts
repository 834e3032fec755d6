import type { Envelope } from '@weconnect/contracts/envelope'
import { WeConnectError } from '@weconnect/contracts/errors'
import type { ExecutionRequested } from '@weconnect/contracts/events/execution'
import type { Journal } from '@weconnect/eventstore/journal'

/** What the first event of an execution said; its other events do not repeat it. */
export interface ExecutionFacts {
  readonly executionId: string
  readonly workflowId: string
  readonly trigger: ExecutionRequested['data']['trigger']
  readonly requestedAt: string
}

export interface FactsOfExecutions {
  /** Called with every batch before it is folded: reads from the log what no batch brought (after a restart). */
  prepare(events: readonly Envelope[]): Promise<void>
  /** @throws WeConnectError LOG_CORRUPT when the stream does not begin with ExecutionRequested */
  of(stream: string): ExecutionFacts
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
      if (event.type === 'ExecutionRequested') known.set(stream, factsFrom(event))
  }
  return {
    prepare: async (events) => {
      const missing = new Set<string>()
      for (const event of events) {
        if (event.type === 'ExecutionRequested') known.set(event.stream, factsFrom(event))
        else if (event.stream.startsWith('execution-') && !known.has(event.stream)) missing.add(event.stream)
      }
      for (const stream of missing) if (!known.has(stream)) await load(stream)
    },
    of: (stream) => {
      const facts = known.get(stream)
      if (facts === undefined) throw new WeConnectError('LOG_CORRUPT', `${stream} does not begin with ExecutionRequested`)
      return facts
    },
    settle: (events) => {
      for (const { type, stream } of events) if (endings.has(type)) known.delete(stream)
      for (const stream of known.keys()) {
        if (known.size <= capacity) break
        known.delete(stream)
      }
    },
  }
}

const factsFrom = ({ data, time }: Envelope<ExecutionRequested>): ExecutionFacts => ({
  executionId: data.executionId,
  workflowId: data.workflowId,
  trigger: data.trigger,
  requestedAt: time,
})
