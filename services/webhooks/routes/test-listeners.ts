import type { Context } from '@weconnect/contracts/envelope'
import { WeConnectError } from '@weconnect/contracts/errors'
import type { NodeRegistry } from '@weconnect/nodes/sdk/registry'
import type { Workflows } from '@weconnect/workflows/face'
import { webhooksOf } from '@weconnect/workflows/webhooks-of'
import { guardOf } from '../guard/guard.ts'
import { webhookIdOf } from './registration.ts'
import { type Match, RouteTable } from './routes.ts'
import { lockOf, type Target } from './targets.ts'

/** Milliseconds that a test webhook waits for its one call. */
const listenMs = 120_000

/** Somebody waits for one call of a draft. */
export interface TestRoute {
  readonly webhookId: string
  readonly workflowId: string
  readonly organisationId: string
  readonly nodeId: string
  readonly method: string
  readonly path: string
  readonly target: Target
  /** Who listens: the run is theirs. */
  readonly actor: string
  readonly expiresAt: number
}

export interface TestWebhook {
  /** `path` begins with /webhook-test/. */
  readonly urls: readonly { readonly method: string; readonly path: string }[]
  /** ISO 8601. */
  readonly expiresAt: string
}

export interface TestListenersOptions {
  readonly workflows: Workflows
  readonly registry: NodeRegistry
  /** Milliseconds since the epoch. */
  readonly now: () => number
}

/** Who listens to test calls: in memory only, each for one call and two minutes. */
export const openTestListeners = ({ workflows, registry, now }: TestListenersOptions) => {
  const routes = new RouteTable<TestRoute>()

  const forget = (workflowId: string): void => {
    for (const { webhookId } of routes.ofWorkflow(workflowId)) routes.remove(webhookId)
  }
  const current = (match: Match<TestRoute> | undefined): Match<TestRoute> | undefined => {
    if (match === undefined || match.route.expiresAt > now()) return match
    forget(match.route.workflowId)
    return undefined
  }
  const refuseTaken = ({ webhookId, workflowId, method, path }: TestRoute): void => {
    const holder = routes.get(webhookId)
    if (holder && holder.workflowId !== workflowId && holder.expiresAt > now())
      throw new WeConnectError('WEBHOOK_PATH_TAKEN', `Another workflow listens to ${method} /webhook-test/${path} just now; try again soon`)
  }

  const routesOf = async (workflowId: string, { organisationId, actor }: Context): Promise<TestRoute[]> => {
    const { workflow, revision } = await workflows.load(workflowId, organisationId)
    const expiresAt = now() + listenMs
    return webhooksOf(workflow.nodes, registry).flatMap((webhook) => {
      const { node, description } = webhook
      const lock = lockOf(webhook)
      const guard = guardOf(description)
      return description.methods.map((method) => ({
        ...{ webhookId: webhookIdOf(method, description.path), workflowId, organisationId, nodeId: node.nodeId },
        ...{ method, path: description.path, target: { description, lock, guard, version: 0, revision }, actor, expiresAt },
      }))
    })
  }

  return {
    /** @throws WeConnectError NOT_FOUND, INVALID_INPUT, WEBHOOK_PATH_TAKEN */
    listen: async (workflowId: string, context: Context): Promise<TestWebhook> => {
      const wanted = (await routesOf(workflowId, context)).filter(({ path }) => path !== '')
      const [first] = wanted
      if (!first) throw new WeConnectError('INVALID_INPUT', 'The workflow has no enabled webhook node with a path to listen to')
      for (const route of wanted) refuseTaken(route)
      forget(workflowId)
      for (const route of wanted) routes.put(route)
      return {
        urls: wanted.map(({ method, path }) => ({ method, path: `/webhook-test/${path}` })),
        expiresAt: new Date(first.expiresAt).toISOString(),
      }
    },
    find: (method: string, path: string): Match<TestRoute> | undefined => current(routes.find(method, path)),
    methodsAt: (path: string): string[] => routes.methodsAt(path).filter((method) => current(routes.find(method, path))),
    /** The one call that a listener waits for; nobody else gets it. */
    take: (match: Match<TestRoute>): void => forget(match.route.workflowId),
  }
}
