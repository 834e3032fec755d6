import type { NodeType } from './node.ts'

/** Node types by name and version. */
export interface NodeRegistry {
  /** The type that serves this version; undefined when type or version is unknown. */
  find(type: string, version: number): NodeType | undefined
  /** All versions of a type, ascending; empty when it is unknown. */
  versionsOf(type: string): readonly number[]
  all(): readonly NodeType[]
}
