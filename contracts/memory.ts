import type { JsonValue } from './json.ts'

/** One memory for each node, or one that the nodes of a workflow share. */
export type MemoryScope = 'node' | 'workflow'

/** How a value is compared with those that are remembered: it was not there, it is a greater number, it is a later time. */
export type ComparedBy = 'value' | 'number' | 'time'

export type MemoryRequest =
  | {
      readonly kind: 'compare'
      readonly scope: MemoryScope
      readonly by: ComparedBy
      /** One for each item; `number`: numbers; `time`: milliseconds since the epoch. */
      readonly values: readonly JsonValue[]
      /** `value`: how many are remembered, at least 1; the oldest are forgotten. */
      readonly size: number
    }
  | { readonly kind: 'clear'; readonly scope: MemoryScope }

export interface MemoryAnswer {
  /** Indices of the values that are new, ascending. Of `clear`: none. */
  readonly kept: readonly number[]
}
