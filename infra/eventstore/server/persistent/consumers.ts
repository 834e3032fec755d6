import { createHash } from 'node:crypto'
import { isJsonObject } from '@weconnect/contracts/json'
import type { Shown } from '../event-messages.ts'
import type { Strategy } from './definition.ts'

/** One event on its way to the group's consumers. */
export interface Message {
  /** What consumers answer with. */
  readonly id: string
  readonly shown: Shown
  /** Revision, or place in the log. */
  readonly position: number
  retries: number
  /** Where it is in the parked list, when it was replayed from there. */
  readonly parkedAt?: number
}

/** A client that takes part in a group. */
export interface Consumer {
  readonly name: string
  readonly user: string
  readonly address: string
  /** How many messages it takes at a time. */
  readonly slots: number
  inFlight: number
  total: number
  totalAtLastLook: number
  readonly latenciesMs: number[]
  send(message: Message): void
  /** Ends it with a refusal. */
  drop(error: unknown): void
}

const isFree = ({ slots, inFlight }: Consumer): boolean => inFlight < slots

const correlationOf = ({ shown: { event, link } }: Message): string => {
  try {
    const metadata: unknown = JSON.parse((event ?? link)?.metadata.toString() ?? '')
    const id = isJsonObject(metadata) ? metadata['$correlationId'] : undefined
    if (typeof id === 'string') return id
  } catch {}
  return (event ?? link)?.stream ?? ''
}

const keyOf = (strategy: 'Pinned' | 'PinnedByCorrelation', message: Message): string =>
  strategy === 'Pinned' ? ((message.shown.link ?? message.shown.event)?.stream ?? '') : correlationOf(message)

const hashOf = (text: string): number => createHash('md5').update(text).digest().readUInt32BE(0)

/** Says which consumer is the next to get a message; undefined = none can take it now. */
export const chooser = (strategy: Strategy) => {
  let turn = 0
  return (consumers: readonly Consumer[], message: Message): Consumer | undefined => {
    if (consumers.length === 0) return undefined
    if (strategy === 'DispatchToSingle') return consumers.find(isFree)
    if (strategy === 'RoundRobin') {
      for (let tried = 0; tried < consumers.length; tried += 1) {
        const consumer = consumers[turn++ % consumers.length] as Consumer
        if (isFree(consumer)) return consumer
      }
      return undefined
    }
    const pinned = consumers[hashOf(keyOf(strategy, message)) % consumers.length]
    return pinned && isFree(pinned) ? pinned : undefined
  }
}

export const someIsFree = (consumers: readonly Consumer[]): boolean => consumers.some(isFree)
