import { referenceFor } from '@weconnect/connectors/authenticated-egress'
import { isWeConnectError, WeConnectError } from '@weconnect/contracts/errors'
import type { JsonValue } from '@weconnect/contracts/json'
import type { WebhookDescription } from '@weconnect/nodes/sdk/node'
import type { NodeRegistry } from '@weconnect/nodes/sdk/registry'
import type { Workflows } from '@weconnect/workflows/face'
import type { WorkflowNode } from '@weconnect/workflows/model'
import { type WorkflowWebhook, webhooksOf } from '@weconnect/workflows/webhooks-of'
import { credentialTypeOf, type Lock } from '../guard/admission.ts'
import { type Guard, guardOf } from '../guard/guard.ts'
import { patternKey } from './path-key.ts'
import type { Route } from './routes.ts'

/** What a call to a route runs, and how it is answered. */
export interface Target {
  readonly description: WebhookDescription
  readonly lock: Lock | undefined
  /** Undefined where the webhook asks for nothing but who calls. */
  readonly guard: Guard | undefined
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
    const { revision } = published
    const { nodes } = await workflows.contentAt(route.workflowId, revision)
    return targetIn(nodes, registry, route, { version, revision })
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

/** What these nodes have at a route. @throws WeConnectError WEBHOOK_NOT_FOUND, FORBIDDEN */
export const targetIn = (
  nodes: readonly WorkflowNode[],
  registry: NodeRegistry,
  { nodeId, method, path }: Pick<Route, 'nodeId' | 'method' | 'path'>,
  place: Pick<Target, 'version' | 'revision'>,
): Target => {
  const webhook = webhooksOf(nodes, registry).find(
    ({ node, description }) =>
      node.nodeId === nodeId && description.methods.includes(method) && patternKey(description.path) === patternKey(path),
  )
  if (!webhook) throw nobodyListens(method, path)
  const { description } = webhook
  return { description, lock: lockOf(webhook, webhook.node.parameters['authentication']), guard: guardOf(description), ...place }
}

/**
 * What the caller has to prove; undefined: nothing. @param asked the node's parameter of it, as typed
 * @throws WeConnectError FORBIDDEN for a kind of proof that we do not know: nobody is let in
 */
export const lockOf = (
  { node, description: { authentication, signature } }: Pick<WorkflowWebhook, 'node' | 'description'>,
  asked: JsonValue | undefined,
): Lock | undefined => {
  if (authentication !== undefined)
    return {
      authentication,
      signature,
      reference: referenceFor(credentialTypeOf(authentication), { organisationId: '', credentials: node.credentials }),
    }
  if (asksForNothing(asked)) return undefined
  throw new WeConnectError('FORBIDDEN', 'This webhook asks for a kind of authentication that is not supported, so it answers nobody')
}

const asksForNothing = (authentication: JsonValue | undefined): boolean =>
  authentication === undefined || authentication === null || authentication === '' || authentication === 'none'

export const nobodyListens = (method: string, path: string): WeConnectError =>
  new WeConnectError('WEBHOOK_NOT_FOUND', `No active workflow listens to ${method} /webhook/${path.slice(0, 200)}`)
