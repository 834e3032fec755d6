import type { StepInput } from '@weconnect/contracts/events/types'
import type { JsonValue } from '@weconnect/contracts/json'
import type { Scope } from '@weconnect/nodes/expressions/scope'
import type { Inputs } from '../items/outputs.ts'
import type { PreparedNode } from '../parts.ts'
import type { PatternMatches } from './pattern-matches.ts'
import { seededRandom } from './random.ts'
import type { RunFacts, StepNumbers } from './run-facts.ts'
import { StepScope } from './run-scope.ts'

/** What the expressions of one step see. */
export const scopeOf = (
  run: RunFacts,
  { node, parameters }: PreparedNode,
  inputs: Inputs,
  references: readonly StepInput[],
  { step, runIndex, startedAt }: StepNumbers,
  patterns?: PatternMatches,
): Scope => {
  const previous = previousOf(run, references)
  let random: (() => number) | undefined
  return {
    run: new StepScope({ graph: run.graph, memory: run.memory, nodeId: node.nodeId, inputs: references, contexts: run.contexts, patterns }),
    items: inputs[0] ?? [],
    itemIndex: 0,
    runIndex,
    node: { id: node.nodeId, name: node.name, type: node.nodeType, typeVersion: node.typeVersion, parameters: parameters.values },
    ...(previous && { previous }),
    workflow: run.workflow,
    execution: {
      id: run.requested.executionId,
      mode: run.mode === 'manual' ? 'test' : 'production',
      customData: run.customData,
      ...(run.started.resumeUrl !== undefined && { resumeUrl: run.started.resumeUrl }),
    },
    variables: (run.started.variables ?? {}) as Record<string, JsonValue>,
    now: startedAt,
    timezone: run.started.timezone,
    random: () => {
      random ??= seededRandom(run.started.seed, `${step}/${node.nodeId}`)
      return random()
    },
  }
}

const previousOf = ({ memory }: RunFacts, references: readonly StepInput[]): Scope['previous'] => {
  const first = references.find(({ input }) => input === 0)
  if (!first || first.step < 0) return undefined
  const name = memory.nodeNameOf(first.step)
  return { name, output: Math.max(0, first.output), runIndex: Math.max(0, memory.runsOf(name).indexOf(first.step)) }
}
