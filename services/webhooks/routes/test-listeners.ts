import type { Context } from '@weconnect/contracts/envelope'
import { WeConnectError } from '@weconnect/contracts/errors'
import type { NodeRegistry } from '@weconnect/nodes/sdk/registry'
import type { Workflows } from '@weconnect/workflows/face'
import { webhooksOf } from '@weconnect/workflows/webhooks-of'
import type { KeptListener, KeptListeners } from './kept-listeners.ts'
import { webhookIdOf } from './registration.ts'
import { type Match, RouteTable } from './routes.ts'
import { type Target, targetIn } from './targets.ts'

/** Seconds that a test webhook waits for its one call. */
const defaultSeconds = 120
const mostSeconds = 3600

export interface TestWebhook {
  /** `path` begins with /webhook-test/. */
  readonly urls: readonly { readonly method: string; readonly path: string }[]
  /** ISO 8601. */
  readonly expiresAt: string
}

export interface TestListenersOptions {
  readonly workflows: Workflows
  readonly registry: NodeRegistry
  readonly kept: KeptListeners
  readonly newId: () => string
}

/** Who listens to test calls, whichever process they listen at: each for one call and a while. */
export const openTestListeners = ({ workflows, registry, kept, newId }: TestListenersOptions) => {
  const waiting = async (): Promise<RouteTable<KeptListener>> => {
    const routes = new RouteTable<KeptListener>()
    for (const listener of await kept.waiting()) routes.put(listener)
    return routes
  }

  const listenersOf = async (workflowId: string, { organisationId, actor }: Context): Promise<readonly KeptListener[]> => {
    const { workflow, revision } = await workflows.load(workflowId, organisationId)
    const shared = { listeningId: newId(), workflowId, organisationId, revision, actor }
    const all = webhooksOf(workflow.nodes, registry).flatMap(({ node: { nodeId }, description: { methods, path } }) =>
      methods.map((method) => ({ ...shared, webhookId: webhookIdOf(method, path), nodeId, method, path })),
    )
    // Of two nodes at one address the later one is called.
    return [...new Map(all.filter(({ path }) => path !== '').map((one) => [one.webhookId, one])).values()]
  }

  return {
    /**
     * @param seconds 1 to 3600; two minutes unless given
     * @throws WeConnectError NOT_FOUND, INVALID_INPUT, WEBHOOK_PATH_TAKEN, UNAVAILABLE
     */
    listen: async (workflowId: string, context: Context, seconds = defaultSeconds): Promise<TestWebhook> => {
      if (seconds < 1 || seconds > mostSeconds)
        throw new WeConnectError('INVALID_INPUT', `A test webhook waits for 1 to ${mostSeconds} seconds, not ${seconds}`)
      const listeners = await listenersOf(workflowId, context)
      if (listeners.length === 0)
        throw new WeConnectError('INVALID_INPUT', 'The workflow has no enabled webhook node with a path to listen to')
      for (const listener of listeners) await targetOf(listener)
      const expiresAt = await kept.put(listeners, seconds)
      const urls = listeners.map(({ method, path }) => ({ method, path: `/webhook-test/${path}` }))
      if (expiresAt === undefined)
        throw new WeConnectError(
          'WEBHOOK_PATH_TAKEN',
          `Another workflow listens to ${urls.map(({ method, path }) => `${method} ${path}`).join(' or ')} just now; try again soon`,
        )
      return { urls, expiresAt }
    },
    /** @returns whether anybody listened */
    stop: (workflowId: string, { organisationId }: Context): Promise<boolean> => kept.forget(workflowId, organisationId),
    find: async (method: string, path: string): Promise<TestMatch | undefined> => {
      const match = (await waiting()).find(method, path)
      return match && { ...match, target: await targetOf(match.route) }
    },
    methodsAt: async (path: string): Promise<readonly string[]> => (await waiting()).methodsAt(path),
    /** The one call that a listener waits for. @returns false when another process, or another call, had it first */
    take: ({ route }: TestMatch): Promise<boolean> => kept.take(route.listeningId),
  }

  async function targetOf({ workflowId, revision, ...route }: KeptListener): Promise<Target> {
    const { nodes } = await workflows.contentAt(workflowId, revision)
    return targetIn(nodes, registry, route, { version: 0, revision })
  }
}

export type TestListeners = ReturnType<typeof openTestListeners>

export interface TestMatch extends Match<KeptListener> {
  readonly target: Target
}
