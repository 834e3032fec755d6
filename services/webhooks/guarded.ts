import type { Item } from '@weconnect/contracts/items'
import type { Admit } from './guard/admission.ts'
import type { CallLimits } from './guard/call-limits.ts'
import { deliveryKeyOf } from './guard/deduplicate.ts'
import type { Guard } from './guard/guard.ts'
import { itemOf } from './item-of-delivery.ts'
import { readBody } from './receive/body.ts'
import type { Delivery } from './receive/delivery.ts'
import { isUpload, type KeepFile, streamedContent } from './receive/streamed-content.ts'
import type { Match, Route } from './routes/routes.ts'
import type { Target } from './routes/targets.ts'

export interface GuardedParts {
  readonly admit: Admit
  readonly limits: CallLimits
  /** Execution of a delivery with this key. */
  readonly executionOf: (webhookId: string, key: string, windowSeconds: number) => Promise<string>
  readonly newId: () => string
  readonly keepFor: (organisationId: string) => KeepFile
}

/** A call that was let in. */
export interface LetIn {
  readonly item: Item
  /** Undefined where nobody said how deliveries are told apart: the usual way then. */
  readonly executionId?: string
  /** Undefined where nothing tells it from others. */
  readonly deliveryId: string | undefined
}

/** A call on its way to what it runs. */
type Called = Pick<Match, 'params'> & { readonly route: Pick<Route, 'webhookId' | 'organisationId'>; readonly target: Target }

/**
 * The way of a call whose webhook asks for more than who calls, cheapest question first: the address, the rate of the caller, who it is, the signature
 * over the bytes before anything of them is read, the rate of the webhook (which nobody can use up who was not let in), the schema, the delivery.
 */
export const openGuarded = ({ admit, limits, executionOf, newId, keepFor }: GuardedParts) => {
  const look = async (delivery: Delivery, { route, params, target }: Called, guard: Guard, mode: 'production' | 'test') => {
    const { webhookId, organisationId } = route
    guard.checkCaller(delivery)
    if (mode === 'production') await limits.takeOfCaller(webhookId, guard, delivery)
    const admitted = await admit(target.lock, delivery.headers, organisationId)
    if (mode === 'production' && !admitted.checkBytes) await limits.takeOfWebhook(webhookId, guard)
    // Bytes that say something themselves are held until they were asked.
    const isHeld = admitted.checkBytes !== undefined || guard.deduplication?.by === 'body' || !isUpload(delivery)
    const bytes = isHeld ? await delivery.receive() : undefined
    admitted.checkBytes?.(bytes ?? noBytes)
    if (mode === 'production' && admitted.checkBytes) await limits.takeOfWebhook(webhookId, guard)
    const content = isHeld
      ? await readBody(bytes, delivery.headers['content-type'], target.description)
      : await streamedContent(delivery, target.description, keepFor(organisationId))
    guard.checkRequest(delivery, content.body)
    return { item: itemOf(delivery, params, content, mode, admitted), bytes }
  }

  return {
    production: async (delivery: Delivery, match: Called, guard: Guard, namedBy: string | undefined): Promise<LetIn> => {
      const { item, bytes } = await look(delivery, match, guard, 'production')
      const { deduplication } = guard
      if (!deduplication) return { item, deliveryId: namedBy }
      const key = deliveryKeyOf(deduplication, delivery, item, bytes)
      if (key === undefined) return { item, executionId: newId(), deliveryId: undefined }
      const executionId = await executionOf(match.route.webhookId, key, deduplication.windowSeconds)
      return { item, executionId, deliveryId: key }
    },
    test: async (delivery: Delivery, match: Called, guard: Guard): Promise<Item> => (await look(delivery, match, guard, 'test')).item,
  }
}

const noBytes = Buffer.alloc(0)
