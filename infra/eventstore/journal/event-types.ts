import { WeConnectError } from '@weconnect/contracts/errors'
import { type EventType, eventCatalogue } from '@weconnect/contracts/events/catalogue'
import type { JsonObject } from '@weconnect/contracts/json'
import type { JsonPath } from './json-path.ts'

export interface EventTypeInfo {
  readonly family: string
  readonly version: number
  readonly payloads: readonly JsonPath[]
}

const catalogue: ReadonlyMap<string, EventTypeInfo> = new Map(Object.entries(eventCatalogue))

/** How an event of an older schema version becomes one of the next version. */
export interface Upcast {
  /** Where the payloads were in the old version. */
  readonly payloads: readonly JsonPath[]
  /** Payloads are opened already. */
  raise(data: JsonObject): JsonObject
}
/** By type and the version that it lifts, for example `NodeAdded@1`. */
const upcasts: ReadonlyMap<string, Upcast> = new Map()

export const upcastOf = (type: string, version: number): Upcast | undefined => upcasts.get(`${type}@${version}`)

/** @throws WeConnectError LOG_CORRUPT naming the type */
export const infoOf = (type: string): EventTypeInfo => {
  const info = catalogue.get(type)
  if (!info)
    throw new WeConnectError('LOG_CORRUPT', `The log holds an event of the unknown type "${type}": was it written by a newer release?`)
  return info
}

/** @throws WeConnectError LOG_CORRUPT when this release cannot read that version */
export const checkVersion = (type: string, version: number): EventTypeInfo => {
  const info = infoOf(type)
  if (version === info.version || (version < info.version && upcastOf(type, version))) return info
  throw new WeConnectError('LOG_CORRUPT', `The log holds ${type} in schema version ${version}; this release reads up to ${info.version}.`)
}

export const isEventType = (type: string): type is EventType => catalogue.has(type)
