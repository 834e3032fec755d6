import type { JsonObject, JsonValue } from '@weconnect/contracts/json'
import type { StepTraces } from '../stream/recorded.ts'

/** Areas of the static data that one try of a step changed, each complete. */
export interface StaticDataChange {
  readonly global?: JsonObject
  readonly node?: JsonObject
}

/** Static data of a run: one area for the workflow, one for each node. What a try wrote stays, also when the try failed. */
export class StaticData {
  #global: JsonObject = {}
  readonly #nodes = new Map<string, JsonObject>()

  areasOf(nodeId: string): { readonly global: JsonObject; readonly node: JsonObject } {
    return { global: this.#global, node: this.#nodes.get(nodeId) ?? {} }
  }

  /** Live runs and recoveries both come through here, with what the event says. */
  apply({ nodeId, staticData }: StepTraces): void {
    const change = staticData as StaticDataChange | undefined
    if (change?.global) this.#global = change.global
    if (change?.node) this.#nodes.set(nodeId, change.node)
  }
}

export const staticDataField = (change: StaticDataChange | undefined): { readonly staticData?: JsonValue } =>
  change?.global || change?.node ? { staticData: { ...change } as JsonObject } : {}
