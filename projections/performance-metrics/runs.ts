import type { Envelope } from '@weconnect/contracts/envelope'
import type { Point } from '@weconnect/metrics/port'
import { streamIdOf, summable } from '../runner/event-values.ts'
import type { FindFacts } from '../runner/stores/store.ts'
import { placeOf } from '../runner/waiters.ts'
import type { MetricEntity } from './face.ts'

/** An execution or a step that ended. */
export interface Run {
  readonly organisationId: string
  readonly executionId: string
  readonly workflowId: string
  readonly status: 'completed' | 'failed' | 'timeout' | 'cancelled'
  readonly failed: boolean
  readonly durationMs: number
  /** Nanoseconds since the epoch; no two runs have the same. */
  readonly time: bigint
  /** `2026-01-02T03:04` */
  readonly minute: string
  /** Of an execution. */
  readonly trigger?: string
  /** Of a step. */
  readonly node?: { readonly id: string; readonly name: string; readonly type: string }
}

/** What minutes are summed up for. */
export interface Entity {
  readonly organisationId: string
  readonly type: MetricEntity
  readonly id: string
  /** JSON of what is said beside: name and type of a node. */
  readonly label: string
}

const endings: Readonly<Record<string, Run['status']>> = {
  ExecutionCompleted: 'completed',
  ExecutionFailed: 'failed',
  ExecutionTimedOut: 'timeout',
  ExecutionCancelled: 'cancelled',
  StepCompleted: 'completed',
  StepFailed: 'failed',
}

interface EndedData {
  readonly durationMs: number
  readonly nodeId?: string
  readonly nodeName?: string
  readonly nodeType?: string
  readonly error?: unknown
}

export const runsOf = (events: readonly Envelope[], factsOf: FindFacts): readonly Run[] =>
  events.flatMap((event) => {
    const status = endings[event.type]
    if (status === undefined) return []
    const facts = factsOf(event.stream)
    if (facts === undefined) throw new TypeError(`${event.stream} does not begin with ExecutionRequested`)
    const { durationMs, nodeId, nodeName = '', nodeType = '', error } = event.data as unknown as EndedData
    const isStep = nodeId !== undefined && event.type.startsWith('Step')
    const failed = status === 'failed' || status === 'timeout' || (event.type === 'StepCompleted' && error !== undefined)
    const run = {
      ...{ organisationId: event.organisationId, executionId: streamIdOf(event), workflowId: facts.workflowId },
      ...{ status, failed, durationMs: summable(durationMs), time: timeOf(event), minute: event.time.slice(0, 16) },
    }
    return [isStep ? { ...run, node: { id: nodeId, name: nodeName, type: nodeType } } : { ...run, trigger: facts.trigger }]
  })

/** The time of the event, and below the millisecond its place in the log: an event that is written again is the same point, and no two are one. */
const timeOf = ({ time, position }: Envelope): bigint => BigInt(Date.parse(time)) * 1_000_000n + BigInt(placeOf(position) % 1_000_000)

export const measurements = { executions: 'weconnect_executions', steps: 'weconnect_steps', minutes: 'weconnect_minutes' } as const

/** One run, for percentiles and for what we did not think of. */
export const pointOf = (run: Run, generation: string): Point => {
  const { organisationId, workflowId, executionId, status, trigger, node, time, durationMs, failed } = run
  const tags = { generation, organisation: organisationId, workflow: workflowId, status }
  const fields = { duration_ms: durationMs, runs: 1, failures: failed ? 1 : 0, execution: executionId }
  return node === undefined
    ? { measurement: measurements.executions, tags: { ...tags, trigger: trigger ?? 'none' }, fields, time }
    : {
        measurement: measurements.steps,
        tags: { ...tags, node: tagText(node.id), node_type: tagText(node.type) },
        fields: { ...fields, label: labelOf(run) },
        time,
      }
}

export const entitiesOf = (run: Run): readonly Entity[] => {
  const { organisationId, workflowId, trigger, node } = run
  if (node !== undefined) return [{ organisationId, type: 'node', id: `${workflowId}/${node.id}`, label: labelOf(run) }]
  return [
    { organisationId, type: 'workflow', id: workflowId, label: '{}' },
    { organisationId, type: 'execution', id: trigger ?? 'none', label: '{}' },
  ]
}

const labelOf = ({ node }: Run): string => (node === undefined ? '{}' : JSON.stringify({ nodeName: node.name, nodeType: node.type }))

/** Tags are not empty, hold no line breaks, and do not end with a backslash; ids of imported nodes may be anything. */
export const tagText = (text: string): string => (/^$|[%\\\p{Cc}]/u.test(text) ? encodeURIComponent(text) || '%' : text)
