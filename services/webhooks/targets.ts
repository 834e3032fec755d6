import { isWeConnectError, WeConnectError } from '@weconnect/contracts/errors'
import { isJsonObject, type JsonValue } from '@weconnect/contracts/json'
import type { WebhookDescription } from '@weconnect/nodes/sdk/node'
import type { NodeRegistry } from '@weconnect/nodes/sdk/registry'
import type { Workflows } from '@weconnect/workflows/face'
import { type WorkflowWebhook, webhooksOf } from '@weconnect/workflows/webhooks-of'
import { patternKey } from './path-key.ts'
import type { Route } from './routes.ts'

/** What a call to a route runs, and how it is answered. */
export interface Target {
  readonly description: WebhookDescription
  /** 0 = the draft. */
  readonly version: number
  readonly revision: number
}

/**
 * What the workflow's active version has at a route. The reservation may be of another version while an activation is under way, or when it was cut off:
 * what counts is what the workflow says is active. @throws WeConnectError WEBHOOK_NOT_FOUND, FORBIDDEN
 */
export const openTargets = (workflows: Workflows, registry: NodeRegistry): ((route: Route) => Promise<Target>) => {
  const known = new WeakMap<Route, Target>()

  const load = async (route: Route): Promise<Target> => {
    const { workflow } = await workflows.load(route.workflowId, route.organisationId).catch((error: unknown) => {
      throw isWeConnectError(error, 'NOT_FOUND') ? nobodyListens(route.method, route.path) : error
    })
    const version = workflow.activeVersion
    const published = workflow.versions.get(version)
    if (!published) throw nobodyListens(route.method, route.path)
    const { nodes } = await workflows.contentAt(route.workflowId, published.revision)
    const webhook = webhooksOf(nodes, registry).find(
      ({ node, description: { methods, path } }) =>
        node.nodeId === route.nodeId && methods.includes(route.method) && patternKey(path) === patternKey(route.path),
    )
    if (!webhook) throw nobodyListens(route.method, route.path)
    refuseUnbuilt(webhook)
    return { description: webhook.description, version, revision: published.revision }
  }

  return async (route) => {
    const cached = known.get(route)
    if (cached) return cached
    const target = await load(route)
    // Of another version: the next activation may make it right without a new reservation, so it is asked again.
    if (target.version === route.version) known.set(route, target)
    return target
  }
}

/** What would let in whom the node keeps out. @throws WeConnectError FORBIDDEN */
export const refuseUnbuilt = ({ node }: WorkflowWebhook): void => {
  if (!needsCredential(node.parameters['authentication'])) return
  throw new WeConnectError(
    'FORBIDDEN',
    'This webhook asks for authentication by a credential, which is not supported yet, so it answers nobody',
  )
}

const needsCredential = (authentication: JsonValue | undefined): boolean =>
  isJsonObject(authentication) || (typeof authentication === 'string' && authentication !== '' && authentication !== 'none')

export const nobodyListens = (method: string, path: string): WeConnectError =>
  new WeConnectError('WEBHOOK_NOT_FOUND', `No active workflow listens to ${method} /webhook/${path.slice(0, 200)}`)
