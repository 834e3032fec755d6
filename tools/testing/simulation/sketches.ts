import type { JsonObject } from '@weconnect/contracts/json'
import type { NodeSketch } from '../n8n-workflow.ts'
import type { Chance } from './chance.ts'

/** A workflow that is being drawn. */
export interface Sketch {
  readonly nodes: Record<string, NodeSketch>
  readonly edges: string[]
  /** Where the next piece goes on: `name` or `name:output`. */
  tail: string
}

export const follow = (sketch: Sketch, name: string, node: NodeSketch): void => {
  sketch.nodes[name] = node
  sketch.edges.push(`${sketch.tail} -> ${name}`)
  sketch.tail = name
}

/** /keyed knows a call again, /plain does not. */
export type Address = '/keyed' | '/plain'

export const post = (path: Address, jsonBody: string, options: JsonObject): NodeSketch => ({
  type: 'n8n-nodes-base.httpRequest',
  version: 4.2,
  parameters: { method: 'POST', url: `https://provider.example${path}`, sendBody: true, specifyBody: 'json', jsonBody, options: {} },
  options: { ...(path === '/keyed' && { afterCrash: 'repeat' }), ...options },
})

/** @param base expression that names what the calls of the execution are for */
const bodyOf = (base: string, node: string): string =>
  `={{ { call: ${base} + '/${node}/' + $runIndex + '/' + $itemIndex, execution: $execution.id } }}`

export const deliveryOf = "$('Start').first().json.delivery"

/** A call that the provider's books have as `{delivery}/{node}/{run}/{item}`. */
export const call = (path: Address, node: string, options: JsonObject = {}, base = deliveryOf): NodeSketch =>
  post(path, bodyOf(base, node), options)

/** A node whose work can be undone ends in `c`, the one that undoes it in `u`. */
export const undoingOf = (node: string): string => node.replace(/c$/, 'u')
export const canBeUndone = (node: string): boolean => node.endsWith('c')

/** A call, and beside the way of the items the one that undoes it. */
export const followUndoable = (
  sketch: Sketch,
  name: string,
  path: Address,
  options: readonly [JsonObject, JsonObject],
  base?: string,
): void => {
  const [doing, undoing] = options
  const [does, undoes] = [`${name}c`, undoingOf(`${name}c`)]
  follow(sketch, does, call(path, does, { compensation: undoes, ...doing }, base))
  sketch.nodes[undoes] = call(path, undoes, undoing, base)
}

export const waitSeconds = (amount: number): NodeSketch => ({
  type: 'n8n-nodes-base.wait',
  version: 1.1,
  parameters: { resume: 'timeInterval', amount, unit: 'seconds' },
})

export const tries = (chance: Chance): JsonObject =>
  chance.happens(0.5) ? { retryOnFail: true, maxTries: chance.between(2, 3), waitBetweenTries: chance.pick([0, 200, 5_000]) } : {}

/** Of one try. */
export const timeLimit = (chance: Chance): JsonObject => (chance.happens(0.15) ? { timeoutMs: chance.pick([150, 2_000]) } : {})

export const onError = (chance: Chance): JsonObject => (chance.happens(0.3) ? { onError: 'continueRegularOutput' } : {})
