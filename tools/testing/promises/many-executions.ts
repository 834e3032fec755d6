import { randomUUID } from 'node:crypto'
import type { DomainEvent, Envelope } from '@weconnect/contracts/envelope'
import { familyOf } from '@weconnect/contracts/ids'
import { type Journal, noStream } from '@weconnect/eventstore/journal'

/** Appends that wait for the disk together. */
const concurrency = 2_000

/** Of a log with one execution: its events. */
export const onlyExecution = (log: readonly Envelope[]): readonly Envelope[] => log.filter(({ stream }) => familyOf(stream) === 'execution')

/** The same execution over and over, each under an id of its own, in one append as the engine makes it. */
export const repeatExecution = async (journal: Journal, model: readonly Envelope[], times: number): Promise<void> => {
  const [first] = model
  if (first?.type !== 'ExecutionRequested') throw new Error('the model is no execution')
  const { actor, organisationId } = first
  const events = model.map(({ type, data }) => ({ type, data }) as DomainEvent)
  const one = async (): Promise<void> => {
    const executionId = randomUUID()
    const request = { type: 'ExecutionRequested', data: { ...first.data, executionId } } as DomainEvent
    const context = { actor, organisationId, correlationId: executionId, causationId: executionId }
    await journal.append(`execution-${executionId}`, noStream, [request, ...events.slice(1)], context)
  }
  for (let done = 0; done < times; done += concurrency)
    await Promise.all(Array.from({ length: Math.min(concurrency, times - done) }, () => one()))
}
