import { isWeConnectError, WeConnectError } from '@weconnect/contracts/errors'
import { isJsonObject, type JsonValue } from '@weconnect/contracts/json'
import type { Engine, Execution } from '@weconnect/executions/engine'
import type { WebhookDescription } from '@weconnect/nodes/sdk/node'
import type { NodeRegistry } from '@weconnect/nodes/sdk/registry'
import type { Workflows } from '@weconnect/workflows/face'
import type { WorkflowNode } from '@weconnect/workflows/model'
import { v5 as uuid5 } from 'uuid'
import { type Answer, answerAtOnce, answerOfEnd, answerOfNode } from './answer.ts'
import { readBody } from './body.ts'
import { type Delivery, deliveryIdOf, itemOf } from './delivery.ts'
import { endOfRecorded } from './recorded-answer.ts'
import type { Match, Route, RouteTable } from './routes.ts'

export interface IngressOptions {
  readonly routes: RouteTable
  readonly workflows: Workflows
  readonly registry: NodeRegistry
  readonly engine: Engine
  readonly newId: () => string
}

/** A route with what its version says about it; immutable, so it is looked up once. */
interface Target {
  readonly description: WebhookDescription
  readonly revision: number
}

/** From a request to its answer. A 2xx means that the delivery is on disk. */
export const openIngress = ({ routes, workflows, registry, engine, newId }: IngressOptions) => {
  const targets = new WeakMap<Route, Target>()

  const targetOf = async (route: Route): Promise<Target> => {
    const known = targets.get(route)
    if (known) return known
    const { workflow } = await workflows.load(route.workflowId, route.organisationId)
    const version = workflow.versions.get(route.version)
    if (!version || workflow.activeVersion !== route.version) throw notFound(route.method, route.path)
    const content = await workflows.contentAt(route.workflowId, version.revision)
    const node = content.nodes.find(({ nodeId }) => nodeId === route.nodeId)
    const target = { description: describe(node, registry), revision: version.revision }
    targets.set(route, target)
    return target
  }

  const start = async (
    delivery: Delivery,
    { route, params }: Match,
    target: Target,
  ): Promise<{ executionId: string; execution: Execution }> => {
    const deliveryId = deliveryIdOf(delivery.headers)
    const executionId = deliveryId === undefined ? newId() : uuid5(deliveryId, route.webhookId)
    const content = await readBody(delivery.body, delivery.headers['content-type'], target.description)
    const { responseMode } = target.description
    const execution = engine.execute({
      executionId,
      workflowId: route.workflowId,
      workflowVersion: route.version,
      workflowRevision: target.revision,
      trigger: 'webhook',
      triggerNode: route.nodeId,
      input: [[itemOf(delivery, params, content, 'production')]],
      deliveryId,
      answer: responseMode === 'onReceived' ? 'immediately' : responseMode,
      context: {
        actor: `webhook:${route.webhookId}`,
        organisationId: route.organisationId,
        correlationId: executionId,
        causationId: executionId,
      },
    })
    return { executionId, execution }
  }

  return {
    handle: async (delivery: Delivery): Promise<Answer> => {
      const match = routes.find(delivery.method, delivery.path)
      if (!match) throw unknown(routes, delivery)
      const target = await targetOf(match.route)
      const { description } = target
      const { executionId, execution } = await start(delivery, match, target)
      try {
        if (description.responseMode === 'onReceived') {
          await execution.accepted
          return answerAtOnce(description, executionId)
        }
        const response = description.responseMode === 'responseNode' ? await execution.answered : undefined
        return response ? answerOfNode(response) : answerOfEnd(await execution.ended, description, executionId)
      } catch (error) {
        if (!isWeConnectError(error, 'REVISION_CONFLICT')) throw error
        return repeated(executionId, description)
      }
    },
  }

  /** A delivery that came before: the caller gets the answer of the first one. */
  async function repeated(executionId: string, description: WebhookDescription): Promise<Answer> {
    if (description.responseMode === 'onReceived') return answerAtOnce(description, executionId)
    const { response, end } = await endOfRecorded(engine, executionId)
    return response ? answerOfNode(response) : answerOfEnd(end, description, executionId)
  }
}

export type Ingress = ReturnType<typeof openIngress>

const describe = (node: WorkflowNode | undefined, registry: NodeRegistry): WebhookDescription => {
  const description = node && registry.find(node.nodeType, node.typeVersion)?.webhook?.(node.parameters, node.typeVersion)
  if (!node || !description)
    throw new WeConnectError('WEBHOOK_NOT_FOUND', 'The webhook node of this path is gone; activate the workflow again')
  if (needsCredential(node.parameters['authentication'])) {
    throw new WeConnectError(
      'FORBIDDEN',
      'This webhook asks for authentication by a credential, which is not supported yet, so it answers nobody',
    )
  }
  return description
}

const needsCredential = (authentication: JsonValue | undefined): boolean =>
  isJsonObject(authentication) || (typeof authentication === 'string' && authentication !== '' && authentication !== 'none')

const notFound = (method: string, path: string): WeConnectError =>
  new WeConnectError('WEBHOOK_NOT_FOUND', `No active workflow listens to ${method} /webhook/${path.slice(0, 200)}`)

const unknown = (routes: RouteTable, { method, path }: Delivery): WeConnectError => {
  const others = routes.methodsAt(path)
  return others.length === 0
    ? notFound(method, path)
    : new WeConnectError('METHOD_NOT_ALLOWED', `/webhook/${path} answers ${others.join(', ')}, not ${method}`)
}
