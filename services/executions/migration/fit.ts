import { namesReferredTo } from '@weconnect/workflows/node-references'
import { compensationsOf, isCompensable } from '../decider/compensation.ts'
import type { Step } from '../decider/state.ts'
import type { Standpoint } from '../graph/frontier.ts'
import { connectedInputs, type Graph } from '../graph/graph.ts'
import type { EngineParts } from '../parts.ts'
import type { RecordedExecution, StepTraces } from '../stream/recorded.ts'
import type { Blocker } from './face.ts'
import type { NodeMap } from './node-map.ts'

export type Problem = Omit<Blocker, 'executionId'>

/** An execution before a version that it may go on with. */
export interface Fit {
  readonly recorded: RecordedExecution
  readonly standpoint: Standpoint
  readonly source: Graph
  readonly target: Graph
  readonly map: NodeMap
  /** Node at which it began. */
  readonly trigger: string
  readonly parts: Pick<EngineParts, 'prepare'>
}

/** All that keeps the execution from going on in the other version; empty: nothing. */
export const problemsOf = (fit: Fit): readonly Problem[] => [
  ...triggerProblems(fit),
  ...openSteps(fit).flatMap((step) => stepProblems(fit, step)),
  ...arrivalProblems(fit),
  ...loopProblems(fit),
  ...outputProblems(fit),
  ...nameProblems(fit),
  ...compensationProblems(fit),
]

const nameOf = ({ source }: Pick<Fit, 'source'>, nodeId: string): string => source.byId.get(nodeId)?.name ?? nodeId

const openSteps = ({ recorded: { state } }: Fit): readonly Step[] =>
  state.steps.filter((step) => step !== undefined && step.status !== 'completed' && step.compensates === undefined)

const triggerProblems = (fit: Fit): readonly Problem[] =>
  fit.map.has(fit.trigger)
    ? []
    : [{ code: 'TRIGGER_NOT_MAPPED', message: `The node that it began at, "${nameOf(fit, fit.trigger)}", has no counterpart` }]

const stepProblems = ({ map, parts }: Fit, { step, nodeId, nodeName, nodeType, status }: Step): readonly Problem[] => {
  const image = map.get(nodeId)
  if (!image) return [{ code: 'WAITING_NODE_NOT_MAPPED', message: `It stands at "${nodeName}" (step ${step}), which has no counterpart` }]
  if (image.nodeType !== nodeType)
    return [
      {
        code: 'WAITING_NODE_OF_OTHER_TYPE',
        message: `It stands at "${nodeName}" (step ${step}), a ${nodeType}; "${image.name}" is a ${image.nodeType}`,
      },
    ]
  // The key under which its calls are known outside names its node.
  if (status === 'retrying' && image.nodeId !== nodeId && isExternal(image, parts))
    return [
      {
        code: 'EFFECT_KEY_CHANGES',
        message: `"${nodeName}" (step ${step}) is between two tries of a call: it can only stay the same node`,
      },
    ]
  return []
}

const isExternal = (node: Parameters<EngineParts['prepare']>[0], parts: Fit['parts']): boolean => {
  try {
    return parts.prepare(node).isExternal
  } catch {
    return true
  }
}

/** Nodes at which it goes on. */
const arrivalProblems = (fit: Fit): readonly Problem[] =>
  fit.standpoint.arrivals.flatMap(({ nodeId, inputs, emptyInputs, complete }) => {
    const image = fit.map.get(nodeId)
    if (!image) return [{ code: 'NEXT_NODE_NOT_MAPPED', message: `It goes on at "${nameOf(fit, nodeId)}", which has no counterpart` }]
    const has = new Set(connectedInputs(fit.target, image.nodeId))
    const lost = [...inputs.map(({ input }) => input), ...emptyInputs].filter((input) => !complete && !has.has(input))
    return lost.map((input) => ({ code: 'INPUT_GONE', message: `"${image.name}" has no input ${input} any more, where items have come` }))
  })

/** Nodes of the other version that it may still run. */
const remainingNodes = (fit: Fit): ReadonlySet<string> => {
  const { target, map, standpoint } = fit
  const at = [...openSteps(fit), ...standpoint.arrivals].flatMap(({ nodeId }) => map.get(nodeId)?.nodeId ?? [])
  const beyond = target.content.nodes.filter(({ nodeId }) => at.some((start) => target.isAncestor(start, nodeId)))
  return new Set([...at, ...beyond.map(({ nodeId }) => nodeId)])
}

/** A loop that is open goes on where it was: what stands in it has to lead back to it. */
const loopProblems = (fit: Fit): readonly Problem[] => {
  const { recorded, source, target, map, standpoint } = fit
  const at = [...openSteps(fit), ...standpoint.arrivals].map(({ nodeId }) => nodeId)
  return loopsOf(recorded.traces).flatMap((loop) => {
    const inside = at.filter((nodeId) => nodeId === loop || (source.isAncestor(loop, nodeId) && source.isAncestor(nodeId, loop)))
    if (inside.length === 0) return []
    const image = map.get(loop)
    if (!image || image.nodeType !== source.byId.get(loop)?.nodeType)
      return [{ code: 'LOOP_NOT_MAPPED', message: `The loop "${nameOf(fit, loop)}" is open and has no counterpart of its type` }]
    const leads = (nodeId: string): boolean => {
      const stands = map.get(nodeId)?.nodeId
      return stands === undefined || stands === image.nodeId || target.isAncestor(stands, image.nodeId)
    }
    return inside
      .filter((nodeId) => !leads(nodeId))
      .map((nodeId) => ({
        code: 'LOOP_BROKEN',
        message: `"${nameOf(fit, nodeId)}" is in the open loop "${image.name}" and does not lead back to it any more`,
      }))
  })
}

/** Nodes that keep a context between their runs. */
const loopsOf = (traces: readonly StepTraces[]): readonly string[] => [
  ...new Set(traces.filter(({ nodeContext }) => nodeContext !== undefined).map(({ nodeId }) => nodeId)),
]

/** What comes may read the outputs of nodes that only the other version has, and that are behind. */
const outputProblems = (fit: Fit): readonly Problem[] => {
  const { target, map } = fit
  const remaining = remainingNodes(fit)
  const known = new Set([...map.values()].map(({ nodeId }) => nodeId))
  return target.content.nodes
    .filter(({ nodeId }) => remaining.has(nodeId))
    .flatMap(({ nodeId, name, parameters }) =>
      [...namesReferredTo(parameters)].flatMap((needed) => {
        const node = target.byName.get(needed)
        if (!node || known.has(node.nodeId) || remaining.has(node.nodeId) || !target.isAncestor(node.nodeId, nodeId)) return []
        return [{ code: 'OUTPUT_NEEDED', message: `"${name}" needs what "${needed}" gives, for which no node that has run stands` }]
      }),
    )
}

/** A node that has run and has no counterpart must not be taken for another one of its name. */
const nameProblems = (fit: Fit): readonly Problem[] => {
  const { standpoint, target, map } = fit
  return standpoint.begun.flatMap((nodeId) => {
    const name = nameOf(fit, nodeId)
    if (map.has(nodeId) || (!target.byId.has(nodeId) && !target.byName.has(name))) return []
    return [
      { code: 'NAME_TAKEN', message: `"${name}" has run and has no counterpart, and another node has its name or id: rename that one` },
    ]
  })
}

/** What would be undone stays so. */
const compensationProblems = (fit: Fit): readonly Problem[] =>
  compensationsOf(fit.recorded.state, fit.source).flatMap(({ undone }) => {
    const image = fit.map.get(undone.nodeId)
    if (image && isCompensable(fit.target, image.nodeId)) return []
    return [{ code: 'COMPENSATION_LOST', message: `Nothing would undo what "${undone.nodeName}" (step ${undone.step}) did any more` }]
  })
