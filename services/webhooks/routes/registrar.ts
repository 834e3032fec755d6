import type { Context, Envelope } from '@weconnect/contracts/envelope'
import type { WebhookCallsCounted, WebhookEvent } from '@weconnect/contracts/events/webhook'
import { familyOf, idOf } from '@weconnect/contracts/ids'
import { commandHandler } from '@weconnect/eventstore/command-handler'
import type { Journal } from '@weconnect/eventstore/journal'
import type { EventStore } from '@weconnect/eventstore/port'
import type { NodeRegistry } from '@weconnect/nodes/sdk/registry'
import type { TriggerRegistrar } from '@weconnect/workflows/face'
import { webhooksOf } from '@weconnect/workflows/webhooks-of'
import { decide, evolve, type Registration, webhookStream } from './registration.ts'
import { RouteTable } from './routes.ts'
import { settingsOf } from './settings-of.ts'

export interface WebhookRegistrations extends TriggerRegistrar {
  readonly routes: RouteTable
  /** Writes down what was counted of calls that became no execution. */
  count(webhookId: string, organisationId: string, counted: WebhookCallsCounted['data']): Promise<void>
  /** Loads what is registered and follows the log from there. */
  start(): Promise<void>
  close(): Promise<void>
}

/**
 * Which workflow listens where: reservations in the log, and the routing table folded from them.
 * @param onError told when the log can no longer be followed
 */
export const openRegistrations = (
  journal: Journal,
  store: EventStore,
  registry: NodeRegistry,
  onError: (error: unknown) => void,
): WebhookRegistrations => {
  const routes: RouteTable = new RouteTable()
  const closing = new AbortController()
  const handle = commandHandler({ journal, decide, evolve, initial: {} as Registration, streamOf: webhookStream })
  let following: Promise<void> = Promise.resolve()

  const apply = (event: Envelope<WebhookEvent>): void => {
    if (event.type === 'WebhookRegistered') routes.put({ ...event.data, organisationId: event.organisationId })
    else if (event.type === 'WebhookReleased') routes.remove(idOf(event.stream))
  }
  const loadStream = async (stream: string): Promise<void> => {
    for await (const event of journal.read(stream)) apply(event as Envelope<WebhookEvent>)
  }
  const follow = async (): Promise<void> => {
    for await (const events of journal.subscribe({ after: 'end', families: ['webhook'], signal: closing.signal })) {
      for (const event of events) apply(event as Envelope<WebhookEvent>)
    }
  }
  const release = async (workflowId: string, method: string, path: string, context: Context): Promise<void> => {
    await handle({ type: 'ReleaseWebhook', method, path, workflowId }, context)
  }

  return {
    routes,
    start: async () => {
      following = follow().catch((error: unknown) => {
        if (!closing.signal.aborted) onError(error)
      })
      for (const row of await store.openWork()) if (familyOf(row.stream) === 'webhook') await loadStream(row.stream)
    },
    count: async (webhookId, organisationId, counted) => {
      const context = { actor: `webhook:${webhookId}`, organisationId, correlationId: webhookId, causationId: webhookId }
      await handle({ type: 'CountWebhookCalls', webhookId, counted }, context)
    },
    close: async () => {
      closing.abort()
      await following
    },
    register: async (workflowId, version, { nodes }, context) => {
      for (const { node, description } of webhooksOf(nodes, registry)) {
        const settings = settingsOf(description)
        for (const method of description.methods) {
          const webhook = { workflowId, nodeId: node.nodeId, version, method, path: description.path }
          const { organisationId } = context
          const handled = await handle({ type: 'RegisterWebhook', webhook, settings, organisationId }, context)
          if (handled.state.holder) routes.put(handled.state.holder)
        }
      }
    },
    release: async (workflowId, keepVersion, context) => {
      for (const route of routes.ofWorkflow(workflowId)) {
        if (route.version === keepVersion) continue
        await release(workflowId, route.method, route.path, context)
        routes.remove(route.webhookId)
      }
    },
  }
}
