import type { WebhookDescription } from '@weconnect/nodes/sdk/node'
import type { NodeRegistry } from '@weconnect/nodes/sdk/registry'
import type { WorkflowNode } from '../model.ts'

export interface WorkflowWebhook {
  readonly node: WorkflowNode
  /** `path` is the one that callers use. */
  readonly description: WebhookDescription
}

/** What the enabled webhook nodes listen to. */
export const webhooksOf = (nodes: readonly WorkflowNode[], registry: NodeRegistry): readonly WorkflowWebhook[] =>
  nodes.flatMap((node) => {
    const type = node.options.disabled ? undefined : registry.find(node.nodeType, node.typeVersion)
    const description = type?.webhook?.(node.parameters, node.typeVersion)
    return description ? [{ node, description: { ...description, path: calledPathOf(node, description.path) } }] : []
  })

const isParameter = (segment: string): boolean => segment.length > 1 && segment.startsWith(':')

/**
 * As in n8n, the node's webhookId stands before a path with parameters: such a path matches much, and the id, which nobody can guess, keeps it to those
 * who were given the address.
 */
const calledPathOf = ({ options: { webhookId } }: WorkflowNode, path: string): string => {
  const segments = path.split('/').filter((segment) => segment !== '')
  return (segments.some(isParameter) && webhookId ? [webhookId, ...segments] : segments).join('/')
}
