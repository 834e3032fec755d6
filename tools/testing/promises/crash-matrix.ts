import { randomUUID } from 'node:crypto'
import type { JsonObject } from '@weconnect/contracts/json'
import { manual, type NodeSketch, setFields, workflowFile } from '../n8n-workflow.ts'
import type { CrashOrder, Delivery } from './crash-process.ts'
import type { CrashPoint } from './dying-log.ts'

/** Executions that each life of the process begins. */
const perLife = 4

/** What kills a process, and what it did before. */
export interface Death {
  readonly point?: Omit<CrashPoint, 'nth' | 'executions'> & { readonly nth?: number }
  readonly withinPureStep?: number
  /** The receiver kills it, when it has done what the call of this node asked for. */
  readonly asked?: 'Keyed' | 'Plain'
  readonly ask?: CrashOrder['ask']
}

/** A point at which processes are killed: in turns in each of these ways. */
export interface MatrixPoint {
  readonly name: string
  readonly deaths: readonly Death[]
  /** What its executions wait for between their effects; nothing when absent. */
  readonly waits?: 'time' | 'signal'
  readonly flowControl?: JsonObject
  /** Whether the kill leaves calls in doubt, of the kind that nobody may repeat. */
  readonly leavesDoubt?: boolean
}

const around = (type: string, more: Partial<Death['point']> = {}): Death[] =>
  (['before', 'after'] as const).map((when) => ({ point: { when, type, ...more } }))
const atCalls = (when: 'before' | 'after', type: string): Death[] =>
  ['Keyed', 'Plain'].map((nodeName) => ({ point: { when, type, saying: `"${nodeName}"` } }))
const asking = (what: 'cancel' | 'signal', deaths: readonly Death[]): Death[] =>
  deaths.map((death) => ({ ...death, ask: { what, whenAt: 'Wait' } }))

export const matrix: readonly MatrixPoint[] = [
  { name: 'before the intent is durable', deaths: atCalls('before', 'StepStarted') },
  { name: 'after the intent is durable', deaths: atCalls('after', 'StepStarted'), leavesDoubt: true },
  { name: 'during the call', deaths: [{ asked: 'Keyed' }, { asked: 'Plain' }], leavesDoubt: true },
  { name: 'after the call, before its outcome is durable', deaths: atCalls('before', 'StepCompleted'), leavesDoubt: true },
  { name: 'during the batch of pure steps', deaths: [0, 1, 2, 3].map((withinPureStep) => ({ withinPureStep })) },
  { name: 'while waiting', waits: 'time', deaths: [{ point: { when: 'after', type: 'ExecutionPaused', nth: perLife } }] },
  { name: 'while resuming after time', waits: 'time', deaths: [...around('ExecutionClaimed'), ...around('ExecutionResumed')] },
  {
    name: 'while resuming after a signal',
    waits: 'signal',
    // A signal that is durable has ended the wait.
    deaths: asking('signal', [...around('SignalReceived'), ...around('ExecutionClaimed')]),
  },
  {
    name: 'while cancelling',
    waits: 'signal',
    deaths: asking('cancel', [...around('CancellationRequested'), ...around('ExecutionCancelled')]),
  },
  { name: 'while releasing a slot', waits: 'time', flowControl: { concurrency: { limit: 3 } }, deaths: around('SlotReleased') },
]

/** Something with an id of its own, so that asking again for it asks for the same. */
const delivery = (): Delivery => ({ executionId: randomUUID(), delivery: randomUUID() })

/** What the `number`-th process killed at a point does until then. */
export const lifeOf = (
  { deaths }: MatrixPoint,
  number: number,
): { readonly death: Death; readonly order: Omit<CrashOrder, 'folder' | 'workflowId'> } => {
  const death = deaths[number % deaths.length]!
  const begin = Array.from({ length: perLife }, delivery)
  const nth = 1 + (Math.floor(number / deaths.length) % perLife)
  const point = death.point && { nth, ...death.point, executions: begin.map(({ executionId }) => executionId) }
  const { withinPureStep, ask } = death
  return { death, order: { begin, ...(point && { point }), ...(withinPureStep !== undefined && { withinPureStep }), ...(ask && { ask }) } }
}

const call = (url: string, what: string, options: NodeSketch['options']): NodeSketch => ({
  type: 'n8n-nodes-base.httpRequest',
  version: 4.2,
  parameters: {
    method: 'POST',
    url,
    sendBody: true,
    specifyBody: 'json',
    jsonBody: `={{ { "delivery": "${what} " + $('Start').first().json.delivery } }}`,
    options: {},
  },
  options,
})

const waitNodes = {
  time: { type: 'n8n-nodes-base.wait', version: 1.1, parameters: { amount: 1, unit: 'seconds' } },
  signal: { type: 'weconnect.waitForSignal', parameters: { name: 'go' } },
} satisfies Record<string, NodeSketch>

/** Pure steps; a call that may be repeated with its key, and is undone when the execution does not come to its end; one that nobody may repeat; a wait; a further call. */
export const matrixWorkflow = (providerUrl: string, { waits, flowControl }: MatrixPoint): JsonObject => {
  const keyed = (what: string, options: NodeSketch['options'] = {}): NodeSketch =>
    call(`${providerUrl}/keyed`, what, { afterCrash: 'repeat', ...options })
  const nodes: Readonly<Record<string, NodeSketch>> = {
    Start: manual,
    Shape: setFields({ shaped: '={{ $json.delivery }}' }),
    Pure: { type: 'test.pure' },
    Keep: setFields({ kept: '={{ $json.shaped }}' }),
    Keyed: keyed('keyed', { compensation: 'Undo' }),
    Plain: call(`${providerUrl}/plain`, 'plain', {}),
    ...(waits && { Wait: waitNodes[waits] }),
    After: keyed('after'),
  }
  const names = Object.keys(nodes)
  const edges = names.slice(1).map((name, index) => `${names[index]} -> ${name}`)
  return workflowFile('crash matrix', { ...nodes, Undo: keyed('undo') }, edges, {
    executionOrder: 'v1',
    ...(flowControl && { flowControl }),
  })
}
