import type { Credentials } from '@weconnect/connectors/credentials'
import { WeConnectError } from '@weconnect/contracts/errors'
import type { Journal } from '@weconnect/eventstore/journal'
import { waitForCallOf } from '@weconnect/executions/resume-execution'
import type { Runs } from '@weconnect/executions/runs'
import type { WebhookDescription } from '@weconnect/nodes/sdk/node'
import type { NodeRegistry } from '@weconnect/nodes/sdk/registry'
import type { Workflows } from '@weconnect/workflows/face'
import type { WorkflowNode } from '@weconnect/workflows/model'
import type { Answer } from './answer/answer.ts'
import { answerOf } from './answer/answer-of-execution.ts'
import { readFiles } from './answer/read-files.ts'
import { sendable } from './answer/sendable.ts'
import { openAdmission } from './guard/admission.ts'
import { guardOf } from './guard/guard.ts'
import type { ResumeSignatures } from './guard/resume-signature.ts'
import type { Door } from './ingress.ts'
import { itemOf } from './item-of-delivery.ts'
import { readBody } from './receive/body.ts'
import type { Delivery } from './receive/delivery.ts'
import { lockOf } from './routes/targets.ts'

export interface WaitingOptions {
  readonly journal: Journal
  readonly workflows: Pick<Workflows, 'contentAt'>
  readonly registry: NodeRegistry
  readonly engine: Runs
  readonly signatures: ResumeSignatures
  readonly credentials: Pick<Credentials, 'resolve'>
  /** Milliseconds since the epoch. */
  readonly now: () => number
}

/** The node that an execution waits at, and how it is called. */
interface Waiting {
  readonly node: WorkflowNode
  readonly description: WebhookDescription
  readonly organisationId: string
}

/**
 * Calls that end the wait of an execution: /webhook-waiting/EXECUTION/SUFFIX?signature=... Each wait is ended once; a 2xx means that this is on disk.
 * Who has the address may still have to prove who they are, as at a webhook.
 */
export const openWaitingDoor = (options: WaitingOptions): Door => {
  const { journal, workflows, registry, engine, signatures } = options
  const admit = openAdmission(options.credentials, options.now)

  const waitingAt = async (executionId: string): Promise<Waiting> => {
    const wait = await waitForCallOf(journal, executionId)
    const content = wait && (await workflows.contentAt(wait.workflowId, wait.workflowRevision))
    const node = content?.nodes.find(({ nodeId }) => nodeId === wait?.nodeId)
    const description = node && registry.find(node.nodeType, node.typeVersion)?.waitsAt?.(node.parameters, node.typeVersion)
    if (!wait || !node || !description)
      throw new WeConnectError('INVALID_STATE', 'This execution does not wait for a call: it has gone on, or has ended')
    return { node, description, organisationId: wait.organisationId }
  }

  const handle = async (delivery: Delivery): Promise<Answer> => {
    const [executionId = '', ...suffix] = delivery.path.split('/')
    const { signature, ...query } = delivery.query
    if (!signatures.isOf(executionId, signature))
      throw new WeConnectError('FORBIDDEN', 'This address was not given out: its signature is wrong')
    const { node, description, organisationId } = await waitingAt(executionId)
    checkAddress(delivery, description, suffix.join('/'))
    guardOf(description)?.checkCaller(delivery)
    const lock = lockOf({ node, description }, node.parameters['incomingAuthentication'])
    const admitted = await admit(lock, delivery.headers, organisationId)
    const content = await readBody(await delivery.receive(), delivery.headers['content-type'], description)
    const item = itemOf({ ...delivery, query, url: withoutQuery(delivery.url) }, {}, content, 'production', admitted)
    const execution = engine.resume(executionId, [[item]], { actor: `webhook:${executionId}`, organisationId })
    await execution.accepted
    return sendable(await answerOf(execution, description, executionId, readFiles(engine, organisationId)))
  }
  return { handle, methodsAt: () => [] }
}

const checkAddress = ({ method }: Delivery, { methods, path }: WebhookDescription, suffix: string): void => {
  if (suffix !== path) throw new WeConnectError('WEBHOOK_NOT_FOUND', `The execution waits at its address${path === '' ? '' : `/${path}`}`)
  if (!methods.includes(method))
    throw new WeConnectError('METHOD_NOT_ALLOWED', `The execution waits for ${methods.join(', ')}, not ${method}`)
}

const withoutQuery = (url: string): string => url.split('?', 1)[0] ?? url
