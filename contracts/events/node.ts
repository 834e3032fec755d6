// Generated from contracts/schemas by `./weconnect generate`. Do not edit.
import type { JsonValue } from '../json.ts'

/** A node type, in one version of its definition, is known. */
export interface NodeRegistered {
  readonly type: 'NodeRegistered'
  readonly data: {
    /** Type, for example n8n-nodes-base.set. */
    readonly name: string
    /** Definition as contracts/nodes.ts has it. */
    readonly definition: JsonValue
    /** SHA-256 of the definition, hex. */
    readonly definitionHash: string
  }
}

export type NodeEvent = NodeRegistered
