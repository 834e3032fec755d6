import { isWeConnectError } from '@weconnect/contracts/errors'
import type { EventType } from '@weconnect/contracts/events/catalogue'
import { isJsonObject, type JsonObject, type JsonValue } from '@weconnect/contracts/json'
import type { Type } from 'avsc'
import { checkVersion, type EventTypeInfo } from '../journal/event-types.ts'
import { setValueAt, valueAt } from '../journal/json-path.ts'
import type { EventBytes } from '../port.ts'
import { loadSchemas } from './schemas.ts'

/** Turns the base64 of sealed payloads into the bytes that the schema speaks of, in place: freshly parsed data become what Avro encodes. */
export const avroData = (data: JsonObject, { payloads }: Pick<EventTypeInfo, 'payloads'>): JsonObject => {
  for (const path of payloads) {
    const payload = valueAt(data, path)
    if (!isJsonObject(payload) || typeof payload['sealed'] !== 'string') continue
    setValueAt(data, [...path, 'sealed'], Buffer.from(payload['sealed'], 'base64') as unknown as JsonValue)
  }
  return data
}

const schemaProblem = (type: Type, data: JsonObject): string | undefined => {
  if (type.isValid(data, { noUndeclaredFields: true })) return undefined
  const places: string[] = []
  type.isValid(data, { noUndeclaredFields: true, errorHook: (path) => places.push(path.join('.')) })
  return `its data do not follow its schema at ${places.filter(Boolean).join(', ') || 'the top'}`
}

interface Named {
  readonly eventId: string
  readonly type: string
  readonly schemaVersion: number
}

/** The journal writes these three first; parsing the rest of the metadata of every event would take a third of the time. */
const beginning = /^\{"eventId":"([^"\\]+)","type":"([A-Za-z]+)","schemaVersion":([0-9]+),/

const namedIn = (metadata: Buffer): Named => {
  const match = beginning.exec(metadata.toString('latin1', 0, 160))
  if (match) return { eventId: match[1] as string, type: match[2] as string, schemaVersion: Number(match[3]) }
  return JSON.parse(metadata.toString()) as Named
}

/** They belong to the installed version: read once in a process, by whoever checks first. */
let schemas: ReturnType<typeof loadSchemas> | undefined

/** A check of single events: metadata and frame agree, type and version are known, data follow the schema. Answers what is wrong. */
export const eventChecker = () => {
  schemas ??= loadSchemas()
  const types = schemas

  const problemOf = ({ id, type, data, metadata }: EventBytes, family: string): string | undefined => {
    const named = namedIn(metadata)
    if (named.eventId !== id || named.type !== type) return 'its id or type is not that of its metadata'
    const info = checkVersion(type, named.schemaVersion)
    if (info.family !== family) return `${type} does not belong in a stream of the family "${family}"`
    if (named.schemaVersion !== info.version) return undefined
    return schemaProblem(types.get(type as EventType) as Type, avroData(JSON.parse(data.toString()) as JsonObject, info))
  }

  return (event: EventBytes, family: string): string | undefined => {
    try {
      return problemOf(event, family)
    } catch (error) {
      return isWeConnectError(error) ? error.message : 'its data or metadata are not JSON'
    }
  }
}
