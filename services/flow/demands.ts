import { createHash } from 'node:crypto'
import type { Outputs } from '@weconnect/contracts/items'
import { isJsonObject, type JsonValue } from '@weconnect/contracts/json'
import { compileExpression } from '@weconnect/nodes/expressions/expression'
import { noRun } from '@weconnect/nodes/expressions/no-run'
import type { Scope as ExpressionScope } from '@weconnect/nodes/expressions/scope'
import { type FlowControl, isExpression, type Scope } from './declaration.ts'
import type { Gathers } from './gathering-decide.ts'
import type { Terms } from './slot-decide.ts'

/** One thing that an execution must hold before it may run. */
export interface Demand extends Terms {
  readonly kind: 'rateLimit' | 'singleton' | 'concurrency' | 'throttle'
  /** Hash: id of the slot's stream. */
  readonly slot: string
  readonly scope: Scope
  /** What the key came to; absent = none is declared. */
  readonly key?: string
  readonly name?: string
  /** It is kept until the execution has ended, also while it waits. */
  readonly holdsWhileWaiting?: boolean
}

/** What is recorded with the request of an execution: everything that it must hold, in the order in which it asks. */
export interface Flow {
  readonly slots: readonly Demand[]
}

/** Who runs, and with what: all that keys may depend on. */
export interface FlowFacts {
  readonly workflow: { readonly id: string; readonly name: string }
  readonly organisationId: string
  readonly executionId: string
  readonly input: Outputs
  /** ISO 8601. */
  readonly now: string
  readonly timezone: string
  /** Neither by hand, nor by another workflow: the world asks. */
  readonly isFromOutside: boolean
}

const scopeOf = ({ workflow, executionId, input, now, timezone }: FlowFacts): ExpressionScope => ({
  run: noRun,
  items: input.find((items) => items && items.length > 0) ?? [],
  itemIndex: 0,
  runIndex: 0,
  node: { id: '', name: 'Flow control', type: '', typeVersion: 1, parameters: {} },
  workflow: { ...workflow, active: true },
  execution: { id: executionId, mode: 'production', customData: {} },
  variables: {},
  now,
  timezone,
  // A key by chance would be no key.
  random: () => 0,
})

const evaluated = (declared: string, facts: FlowFacts): JsonValue | undefined =>
  isExpression(declared) ? compileExpression(declared).evaluate(scopeOf(facts)) : declared

/** What a key comes to, as text: nothing and null are the same, and share their slots. */
export const keyOf = (declared: string | undefined, facts: FlowFacts): string | undefined => {
  if (declared === undefined) return undefined
  const value = evaluated(declared, facts) ?? ''
  return Array.isArray(value) || isJsonObject(value) ? JSON.stringify(value) : String(value)
}

/** 1 to 5; 3 unless it is declared and comes to something else. */
export const priorityOf = (declared: FlowControl['priority'], facts: FlowFacts): number => {
  const value = typeof declared === 'string' ? Number(evaluated(declared, facts) ?? Number.NaN) : (declared ?? 3)
  return Number.isFinite(value) ? Math.min(5, Math.max(1, Math.round(value))) : 3
}

const hashOf = (parts: readonly (string | undefined)[]): string =>
  createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 32)

/** Narrow before wide, so that everybody asks in one order and nobody waits in a circle; a pace comes before what others use, too. */
const orderOf = ({ kind, scope }: Demand): number =>
  kind === 'rateLimit' ? 0 : kind === 'singleton' ? 1 : kind === 'throttle' ? 3 : { workflow: 2, organisation: 4, global: 5 }[scope]

/** @throws WeConnectError EXPRESSION_FAILED, EXPRESSION_BUDGET of a key */
export const demandsOf = (flow: FlowControl, facts: FlowFacts): readonly Demand[] => {
  const { rateLimit, singleton, throttle, concurrency = [] } = flow
  const demands: Demand[] = []
  const add = (demand: Omit<Demand, 'slot' | 'key'>, declaredKey: string | undefined): void => {
    const key = keyOf(declaredKey, facts)
    const { kind, scope, name } = demand
    const owner = scope === 'workflow' ? facts.workflow.id : scope === 'organisation' ? facts.organisationId : ''
    // Two keys of one workflow are two things; of several workflows it is the value that they share.
    const which = name ?? (scope === 'workflow' ? declaredKey : undefined)
    demands.push({ ...demand, slot: hashOf([kind, scope, owner, which, key]), ...(key !== undefined && { key }) })
  }
  if (rateLimit && facts.isFromOutside) add({ kind: 'rateLimit', scope: 'workflow', ...terms(rateLimit), queue: 0 }, rateLimit.key)
  if (singleton && facts.isFromOutside)
    add({ kind: 'singleton', scope: 'workflow', limit: 1, periodMs: 0, whenTaken: singleton.mode, holdsWhileWaiting: true }, singleton.key)
  if (throttle) add({ kind: 'throttle', scope: 'workflow', ...terms(throttle) }, throttle.key)
  for (const { limit, scope = 'workflow', key, name, queue, whileWaiting } of concurrency) {
    const optional = {
      ...(name !== undefined && { name }),
      ...(queue !== undefined && { queue }),
      ...(whileWaiting === 'hold' && { holdsWhileWaiting: true }),
    }
    add({ kind: 'concurrency', scope, limit, periodMs: 0, ...optional }, key)
  }
  return demands.toSorted((a, b) => orderOf(a) - orderOf(b) || (a.slot < b.slot ? -1 : 1))
}

const terms = ({ limit, periodMs, queue }: { limit: number; periodMs: number; queue?: number }): Terms => ({
  limit,
  periodMs,
  ...(queue !== undefined && { queue }),
})

/** Where an arrival is put aside, when the workflow gathers; each trigger gathers for itself. */
export const gatheringOf = (
  { debounce, batch }: FlowControl,
  facts: FlowFacts,
  triggerNode: string | undefined,
): { readonly id: string; readonly gathers: Gathers } | undefined => {
  const { workflow } = facts
  const id = (kind: string, declaredKey: string | undefined): string =>
    hashOf([kind, workflow.id, triggerNode, declaredKey, keyOf(declaredKey, facts)])
  if (debounce) {
    const { periodMs, maxWaitMs, key } = debounce
    return { id: id('debounce', key), gathers: { kind: 'debounce', periodMs, maxWaitMs } }
  }
  if (!batch) return undefined
  const { maxSize, timeoutMs, key } = batch
  return { id: id('batch', key), gathers: { kind: 'batch', maxSize, timeoutMs } }
}

export const flowOf = (recorded: JsonValue | undefined): Flow | undefined => recorded as unknown as Flow | undefined
