import type { DomainEvent } from '@weconnect/contracts/envelope'
import type { JsonValue } from '@weconnect/contracts/json'
import fc from 'fast-check'

/** One append. */
export interface HistoryAppend {
  readonly stream: string
  readonly events: readonly DomainEvent[]
}

/** Payloads that databases trip over. */
const awkward: fc.Arbitrary<JsonValue> = fc.oneof(
  { weight: 4, arbitrary: fc.jsonValue({ maxDepth: 2 }) as fc.Arbitrary<JsonValue> },
  fc.constantFrom<JsonValue>('\0', 'a\0b', '\ud800', { '\0': '\udc00' }, '"\\', '{}', '', 1e308, { $ref: 1 }, [
    [{ json: { text: 'x'.repeat(20_000) } }],
  ]),
  fc.string({ unit: 'binary' }),
)

interface OpenWorkflow {
  readonly id: string
  readonly nodes: string[]
  readonly connections: string[]
}
interface OpenExecution {
  readonly id: string
  started: boolean
  step: number
  paused: boolean
}

const uuid = (family: number, n: number): string => `00000000-0000-4000-800${family}-${String(n).padStart(12, '0')}`

/** Histories that deciders could have written: workflows that are edited, and executions that run, wait, fail and end, side by side. */
export const histories = (maxLength = 60): fc.Arbitrary<readonly HistoryAppend[]> =>
  fc.array(fc.tuple(fc.nat(10_000), fc.nat(10_000), awkward), { minLength: 1, maxLength }).map((choices) => {
    const maker = historyMaker()
    for (const [what, which, payload] of choices) maker.act(what, which, payload)
    return maker.appends
  })

const historyMaker = () => {
  const appends: HistoryAppend[] = []
  const workflows: OpenWorkflow[] = []
  const open: OpenExecution[] = []
  let ids = 0
  const append = (stream: string, ...events: DomainEvent[]): void => {
    appends.push({ stream, events })
  }

  const create = (payload: JsonValue): void => {
    const id = uuid(1, ids++)
    workflows.push({ id, nodes: [], connections: [] })
    const name = typeof payload === 'string' ? `w ${payload}` : `Workflow ${id}`
    append(`workflow-${id}`, {
      type: 'WorkflowCreated',
      data: { workflowId: id, organisationId: uuid(3, 0), name, tags: ['a', '"b"', name], settings: { payload }, source: 'created' },
    })
  }

  const importInParts = (payload: JsonValue, complete: boolean): void => {
    const id = uuid(1, ids++)
    const data = {
      workflowId: id,
      organisationId: uuid(3, 0),
      name: `Imported ${id}`,
      tags: [],
      settings: {},
      source: 'imported',
      inParts: true,
    }
    append(`workflow-${id}`, { type: 'WorkflowCreated', data } as DomainEvent)
    const node = {
      nodeId: `n${ids}`,
      name: 'N',
      nodeType: 't',
      typeVersion: 1,
      position: { x: 0, y: 0 },
      options: {},
      parameters: { payload },
    }
    append(`workflow-${id}`, { type: 'NodeAdded', data: { node } } as DomainEvent)
    if (complete) append(`workflow-${id}`, { type: 'WorkflowImported', data: { nodes: 1, connections: 0 } })
  }

  const begin = (workflow: OpenWorkflow, payload: JsonValue): void => {
    const id = uuid(2, ids++)
    open.push({ id, started: false, step: 0, paused: false })
    append(`execution-${id}`, requested(id, workflow.id, payload))
  }

  const runWhole = (workflow: OpenWorkflow, payload: JsonValue): void => {
    const id = uuid(2, ids++)
    const ended: DomainEvent = { type: 'ExecutionCompleted', data: { lastStep: 0, steps: 2, durationMs: 3.3 } }
    append(`execution-${id}`, requested(id, workflow.id, payload), started, completed(0, payload), completed(1, null), ended)
  }

  const advance = (execution: OpenExecution, which: number, payload: JsonValue): void => {
    const events = execution.started ? nextOf(execution, which, payload) : [started]
    execution.started = true
    if (events.at(-1)?.type.startsWith('ExecutionCompleted') || which % 7 > 4) open.splice(open.indexOf(execution), 1)
    append(`execution-${execution.id}`, ...events)
  }

  const edit = (workflow: OpenWorkflow, which: number, payload: JsonValue): void => {
    const events = editOf(workflow, which, payload, ids++)
    if (events.length > 0) append(`workflow-${workflow.id}`, ...events)
  }

  return {
    appends,
    act: (what: number, which: number, payload: JsonValue): void => {
      const workflow = workflows[which % Math.max(1, workflows.length)]
      const execution = open[which % Math.max(1, open.length)]
      if (what % 50 === 10) importInParts(payload, which % 2 === 0)
      else if (workflow === undefined || what % 10 === 0) create(payload)
      else if (what % 10 < 4) edit(workflow, which, payload)
      else if (what % 10 === 4) runWhole(workflow, payload)
      else if (what % 10 === 5 || execution === undefined) begin(workflow, payload)
      else advance(execution, which, payload)
    },
  }
}

const requested = (executionId: string, workflowId: string, payload: JsonValue): DomainEvent => ({
  type: 'ExecutionRequested',
  data: { executionId, workflowId, workflowVersion: 1, workflowRevision: 0, trigger: 'webhook', input: [[{ json: { payload } }]] },
})

const started: DomainEvent = {
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

const completed = (number: number, payload: JsonValue): DomainEvent => ({
  type: 'StepCompleted',
  data: { ...step(number), durationMs: number + 0.1, outputCounts: [1], outputs: [[{ json: { payload } }]] },
})

/** What a running execution does next: the last two of seven end it. */
const nextOf = (execution: OpenExecution, which: number, payload: JsonValue): readonly DomainEvent[] => {
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
const editOf = (workflow: OpenWorkflow, which: number, payload: JsonValue, id: number): readonly DomainEvent[] => {
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
