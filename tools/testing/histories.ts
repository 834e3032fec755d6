import type { DomainEvent } from '@weconnect/contracts/envelope'
import type { JsonValue } from '@weconnect/contracts/json'
import fc from 'fast-check'
import { completed, editOf, nextOf, type OpenExecution, type OpenWorkflow, requested, started } from './history-events.ts'

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
