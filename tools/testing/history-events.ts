import type { DomainEvent } from '@weconnect/contracts/envelope'
import type { JsonValue } from '@weconnect/contracts/json'

export interface OpenWorkflow {
  readonly id: string
  readonly nodes: string[]
  readonly connections: string[]
}
export interface OpenExecution {
  readonly id: string
  started: boolean
  step: number
  paused: boolean
}

export const requested = (executionId: string, workflowId: string, payload: JsonValue): DomainEvent => ({
  type: 'ExecutionRequested',
  data: { executionId, workflowId, workflowVersion: 1, workflowRevision: 0, trigger: 'webhook', input: [[{ json: { payload } }]] },
})

export const started: DomainEvent = {
  type: 'ExecutionStarted',
  data: {
    worker: 'w',
    epoch: 1,
    executionOrder: 'v1',
    plan: [{ nodeId: 'n', group: 0 }],
    seed: '0',
    engineVersion: '1',
    timezone: 'UTC',
    maxSteps: 10,
  },
}

const step = (number: number) => ({
  step: number,
  nodeId: `n${number}`,
  nodeName: `Node ${number}`,
  nodeType: 't',
  runIndex: 0,
  attempt: 1,
  inputs: [{ input: 0, step: number - 1, output: 0 }],
  startedAt: '2026-01-02T03:04:05.678Z',
})

export const completed = (number: number, payload: JsonValue): DomainEvent => ({
  type: 'StepCompleted',
  data: { ...step(number), durationMs: number + 0.1, outputCounts: [1], outputs: [[{ json: { payload } }]] },
})

/** What a running execution does next: the last two of seven end it. */
export const nextOf = (execution: OpenExecution, which: number, payload: JsonValue): readonly DomainEvent[] => {
  const number = execution.step
  switch (which % 7) {
    case 0:
      return [{ type: 'StepStarted', data: step(number) }]
    case 1:
      return [
        { type: 'StepFailed', data: { ...step(number), durationMs: 1, code: 'NODE_FAILED', error: { payload }, final: false } },
        { type: 'StepRetryScheduled', data: { step: number, attempt: 2, dueAt: '2026-01-02T03:04:06.000Z' } },
      ]
    case 2:
    case 3:
      execution.step++
      return [completed(number, payload)]
    case 4:
      execution.paused = !execution.paused
      return [
        execution.paused
          ? { type: 'ExecutionPaused', data: { step: number, waitFor: 'time' } }
          : { type: 'ExecutionResumed', data: { step: number } },
      ]
    case 5:
      return [
        {
          type: 'ExecutionFailed',
          data: { code: 'NODE_FAILED', error: { code: 'NODE_FAILED', message: 'failed', payload }, steps: number, durationMs: 7 },
        },
      ]
    default:
      return [{ type: 'ExecutionCompleted', data: { lastStep: number - 1, steps: number, durationMs: 9 } }]
  }
}

/** An edit; empty when the workflow has nothing that it could be made to. */
export const editOf = (workflow: OpenWorkflow, which: number, payload: JsonValue, id: number): readonly DomainEvent[] => {
  const [nodeId] = workflow.nodes
  const [connectionId] = workflow.connections
  switch (which % 11) {
    case 0:
    case 1:
      workflow.nodes.push(`n${id}`)
      return [addedNode(`n${id}`, payload)]
    case 2:
      return nodeId === undefined ? [] : [{ type: 'NodeConfigured', data: { nodeId, parameters: payload, options: { disabled: true } } }]
    case 3:
    case 4:
      if (nodeId === undefined) return []
      workflow.connections.push(`c${id}`)
      return [connected(`c${id}`, nodeId, workflow.nodes.at(-1) ?? nodeId, payload)]
    case 5:
      if (connectionId === undefined) return []
      workflow.connections.shift()
      return [{ type: 'NodesDisconnected', data: { connectionId } }]
    case 6:
      if (nodeId === undefined) return []
      workflow.nodes.shift()
      return [{ type: 'NodeRemoved', data: { nodeId } }]
    case 7:
      return [
        { type: 'WorkflowRenamed', data: { name: `renamed ${id}` } },
        { type: 'WorkflowTagged', data: { tags: [] } },
      ]
    case 8:
      return [
        { type: 'WorkflowPublished', data: { version: 1, contentHash: '' } },
        { type: 'WorkflowActivated', data: { version: 1 } },
      ]
    case 9:
      return [{ type: 'WorkflowArchived', data: {} }]
    default:
      return nodeId === undefined ? [] : [{ type: 'NodeRenamed', data: { nodeId, name: `r${id}` } }]
  }
}

const addedNode = (nodeId: string, parameters: JsonValue): DomainEvent => ({
  type: 'NodeAdded',
  data: {
    node: {
      nodeId,
      name: `Node ${nodeId}`,
      nodeType: 'n8n-nodes-base.set',
      typeVersion: 3.4,
      position: { x: 1, y: 2 },
      options: {},
      parameters,
    },
  },
})

const connected = (connectionId: string, sourceNodeId: string, targetNodeId: string, conditions: JsonValue): DomainEvent => ({
  type: 'NodesConnected',
  data: {
    connection: {
      connectionId,
      sourceNodeId,
      sourceOutput: 'main',
      sourceIndex: 0,
      targetNodeId,
      targetInput: 'main',
      targetIndex: 0,
      conditions,
    },
  },
})
