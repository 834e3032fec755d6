import type { DomainEvent } from '@weconnect/contracts/envelope'

/** Events of an execution, short to write. */
export const idOf = (n: number): string => `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`
export const requested = (n: number, workflow = 1, trigger: 'webhook' | 'manual' = 'webhook'): DomainEvent => ({
  type: 'ExecutionRequested',
  data: { executionId: idOf(n), workflowId: idOf(workflow), workflowVersion: 1, workflowRevision: 4, trigger, input: [[{ json: { n } }]] },
})
export const executionStarted: DomainEvent = {
  type: 'ExecutionStarted',
  data: {
    worker: 'w',
    epoch: 1,
    executionOrder: 'v1',
    plan: [{ nodeId: 'a', group: 0 }],
    seed: '0',
    engineVersion: '1',
    timezone: 'UTC',
    maxSteps: 10,
  },
}
export const stepOf = (number: number, attempt = 1) => ({
  step: number,
  nodeId: `n${number}`,
  nodeName: `Node ${number}`,
  nodeType: 't',
  runIndex: 0,
  attempt,
  inputs: [{ input: 0, step: number - 1, output: 0 }],
  startedAt: '2026-01-02T03:04:05.678Z',
})
export const completed = (number: number, outputs: unknown, attempt = 1): DomainEvent => ({
  type: 'StepCompleted',
  data: {
    ...stepOf(number, attempt),
    durationMs: 1.25,
    outputCounts: [1],
    outputs: outputs as never,
    logs: [{ level: 'info', time: '', message: 'hi' }],
  },
})
export const ended = (lastStep: number): DomainEvent => ({
  type: 'ExecutionCompleted',
  data: { lastStep, steps: lastStep + 1, durationMs: 12.5 },
})
