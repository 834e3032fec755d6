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
  const connection = async (number: number): Promise<void> => {
    for (let count = 0; !stopped; count += 1) {
      const delivery = newDelivery(`${prefix}${number}-${count}`, paths[(number + count) % paths.length] ?? '', count % 2 === 0)
      sent.push(delivery)
      await send(instance, delivery, sent.length)
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

export interface SteadyOptions {
  readonly paths: readonly string[]
  readonly perSecond: number
}

/** The same callers, who come at a steady rate, whatever became of those before them. */
export const sendSteadily = (instance: Pick<Instance, 'deliver'>, { paths, perSecond }: SteadyOptions): Sender => {
  const sent: Delivery[] = []
  const underWay: Promise<void>[] = []
  const began = performance.now()
  const sendDue = (): void => {
    for (const due = ((performance.now() - began) / 1_000) * perSecond; sent.length < due; ) {
      const count = sent.length
      const delivery = newDelivery(`steady-${count}`, paths[count % paths.length] ?? '', Math.floor(count / paths.length) % 2 === 0)
      sent.push(delivery)
      underWay.push(send(instance, delivery, count))
    }
  }
  const timer = setInterval(sendDue, 1_000 / perSecond)
  return {
    sent,
    stop: async () => {
      clearInterval(timer)
      await Promise.all(underWay)
    },
  }
}

const longestWaitMs = 1_000

const newDelivery = (id: string, path: string, named: boolean): Delivery => ({ id, path, named, refusals: [] })

export const isAccepted = ({ status = 0 }: Delivery): boolean => status >= 200 && status < 300

/** Until it has an answer, or never will have one. */
const send = async (instance: Pick<Instance, 'deliver'>, delivery: Delivery, n: number): Promise<void> => {
  await attempt(instance, delivery, n)
  for (let waitMs = 20; delivery.named && !isAccepted(delivery); waitMs = Math.min(waitMs * 2, longestWaitMs)) {
    if (delivery.status !== undefined) delivery.refusals.push(delivery.status)
    delete delivery.status
    await sleep(waitMs)
    await attempt(instance, delivery, n)
  }
}

const attempt = async (instance: Pick<Instance, 'deliver'>, delivery: Delivery, n: number): Promise<void> => {
  try {
    const headers: Record<string, string> = delivery.named ? { 'x-delivery-id': delivery.id } : {}
    const answer = await instance.deliver(delivery.path, { delivery: delivery.id, n }, headers)
    await answer.arrayBuffer().catch(() => undefined)
    delivery.status = answer.status
  } catch {
    // Nobody answered.
  }
}
