import { setTimeout as sleep } from 'node:timers/promises'
import type { Instance } from '../instance.ts'

export interface Delivery {
  /** Unique in the test; in the body as `delivery`. */
  readonly id: string
  readonly path: string
  /** Whether it carries its id as delivery id, so that the sender may send it again when nobody answered. */
  readonly named: boolean
  /** Of the last answer; undefined when none came. */
  status?: number
  /** Of answers before, when it was sent again. */
  readonly refusals: number[]
}

export interface Sender {
  readonly sent: readonly Delivery[]
  /** No new deliveries; resolves when those under way have an answer, or never will have one. */
  stop(): Promise<void>
}

export interface SenderOptions {
  readonly paths: readonly string[]
  readonly connections: number
  /** Between two deliveries of one connection. */
  readonly pauseMs: number
  /** In front of the ids, where several send in one test. */
  readonly prefix?: string
}

/**
 * Callers as they are in the world: each on a connection of its own, sending on and on. Half of them name their deliveries and repeat them until
 * someone says 2xx; the others give a delivery up when nobody answers.
 */
export const sendDeliveries = (
  instance: Pick<Instance, 'deliver'>,
  { paths, connections, pauseMs, prefix = '' }: SenderOptions,
): Sender => {
  const sent: Delivery[] = []
  let stopped = false

  const attempt = async (delivery: Delivery): Promise<void> => {
    try {
      const headers: Record<string, string> = delivery.named ? { 'x-delivery-id': delivery.id } : {}
      const answer = await instance.deliver(delivery.path, { delivery: delivery.id, n: sent.length }, headers)
      await answer.arrayBuffer().catch(() => undefined)
      delivery.status = answer.status
    } catch {
      // Nobody answered.
    }
  }
  const accepted = ({ status = 0 }: Delivery): boolean => status >= 200 && status < 300

  const connection = async (number: number): Promise<void> => {
    for (let count = 0; !stopped; count += 1) {
      const delivery: Delivery = {
        id: `${prefix}${number}-${count}`,
        path: paths[(number + count) % paths.length] ?? '',
        named: count % 2 === 0,
        refusals: [],
      }
      sent.push(delivery)
      await attempt(delivery)
      while (delivery.named && !accepted(delivery)) {
        if (delivery.status !== undefined) delivery.refusals.push(delivery.status)
        delete delivery.status
        await sleep(20)
        await attempt(delivery)
      }
      await sleep(pauseMs)
    }
  }
  const ended = Promise.all(Array.from({ length: connections }, (_, number) => connection(number)))
  return {
    sent,
    stop: async () => {
      stopped = true
      await ended
    },
  }
}
