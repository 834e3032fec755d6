import type { Item, Outputs } from '@weconnect/contracts/items'
import type { Runs } from '@weconnect/executions/runs'
import type { Admitted } from './guard/admission.ts'
import { itemOf } from './item-of-delivery.ts'
import { readBody } from './receive/body.ts'
import type { Delivery } from './receive/delivery.ts'
import { isUpload, type KeepFile, streamedContent } from './receive/streamed-content.ts'
import type { Listener, Match } from './routes/routes.ts'
import type { Target } from './routes/targets.ts'

/** A call with everything that is known before it runs. */
export interface Call {
  readonly delivery: Delivery
  readonly match: Match<Listener & { readonly nodeId: string; readonly organisationId: string }>
  readonly target: Target
  readonly admitted: Admitted
  readonly executionId: string
  readonly deliveryId: string | undefined
  readonly actor: string
  /** Of a call whose body was read before. */
  readonly item?: Item
}

/** It was asked for, and seen to, when the item was made. */
export const nothingProven: Admitted = {}

export const itemFor = async ({ delivery, match, target, admitted, item }: Call, keep: KeepFile): Promise<Item> => {
  if (item) return item
  const content = isUpload(delivery)
    ? await streamedContent(delivery, target.description, keep)
    : await readBody(await delivery.receive(), delivery.headers['content-type'], target.description)
  return itemOf(delivery, match.params, content, target.version === 0 ? 'test' : 'production', admitted)
}

const storedIdLength = 200

/** The execution that a call asks for. */
export const requestOf = (
  { match: { route }, target, executionId, deliveryId, actor }: Call,
  item: Item,
): Parameters<Runs['execute']>[0] => {
  const { responseMode, methods } = target.description
  return {
    executionId,
    workflowId: route.workflowId,
    workflowVersion: target.version,
    workflowRevision: target.revision,
    trigger: 'webhook',
    triggerNode: route.nodeId,
    input: inputOf(item, methods, route.method),
    deliveryId: deliveryId?.slice(0, storedIdLength),
    answer: responseMode === 'onReceived' ? 'immediately' : responseMode,
    context: { actor, organisationId: route.organisationId, correlationId: executionId, causationId: executionId },
  }
}

/** A node with several methods has an output for each: its item goes in where it is to come out. */
const inputOf = (item: Item, methods: readonly string[], method: string): Outputs =>
  methods.length < 2 ? [[item]] : methods.map((one) => (one === method ? [item] : []))
