import { randomUUID } from 'node:crypto'
import type { DomainEvent } from '@weconnect/contracts/envelope'
import { noStream } from '@weconnect/eventstore/journal'
import { type JournalFixture, someContext } from './journal-fixture.ts'

/** Types of nodes whose steps the executions below have, with how long each step took, milliseconds. */
const nodeTypes = ['n8n-nodes-base.set', 'n8n-nodes-base.if', 'n8n-nodes-base.code']

const step = (number: number, durationMs: number): DomainEvent => ({
  type: 'StepCompleted',
  data: {
    step: number,
    nodeId: `node-${number}`,
    nodeName: `Node ${number} ä€😀`,
    nodeType: nodeTypes[number % nodeTypes.length] ?? '',
    runIndex: 0,
    attempt: 1,
    inputs: [{ input: 0, step: number - 1, output: 0 }],
    startedAt: '2026-01-31T12:00:00.000Z',
    durationMs,
    outputCounts: [1],
    outputs: [[{ json: { number, text: 'sealed' } }]],
  },
})

/** Appends executions, a few appends each, as an engine does: real events, sealed payloads. @returns their streams */
export const appendExecutions = async ({ journal }: JournalFixture, count: number, steps = 6): Promise<readonly string[]> => {
  const streams: string[] = []
  for (let index = 0; index < count; index += 1) {
    const executionId = randomUUID()
    const stream = `execution-${executionId}`
    const requested: DomainEvent = {
      type: 'ExecutionRequested',
      data: {
        executionId,
        workflowId: randomUUID(),
        workflowVersion: 1,
        workflowRevision: 3,
        trigger: 'webhook',
        input: [[{ json: { index } }]],
      },
    }
    const context = someContext()
    const { head } = await journal.append(stream, noStream, [requested], context)
    const completed: DomainEvent = { type: 'ExecutionCompleted', data: { lastStep: steps - 1, steps, durationMs: 12.5 } }
    await journal.append(
      stream,
      head,
      [...Array.from({ length: steps }, (_, number) => step(number, index + number / 10)), completed],
      context,
    )
    streams.push(stream)
  }
  return streams
}
