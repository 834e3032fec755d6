import type { WorkflowNode } from '@weconnect/workflows/model'
import type { EngineParts, PreparedNode } from '../parts.ts'

/** Undefined for a node whose type is not known: its step fails when it comes to it. */
export const knownNode = (parts: Pick<EngineParts, 'prepare'>, node: WorkflowNode): PreparedNode | undefined => {
  try {
    return parts.prepare(node)
  } catch {
    return undefined
  }
}
