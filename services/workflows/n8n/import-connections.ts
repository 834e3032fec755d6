import type { ConnectionData } from '@weconnect/contracts/events/types'
import { isJsonObject, type JsonObject, type JsonValue } from '@weconnect/contracts/json'
import { sameJson } from '../canonical-json.ts'
import { invalidAt, memberPath } from '../plain-json.ts'
import type { ImportedOutput, ImportNote } from './import-n8n.ts'

export interface ImportedConnections {
  readonly connections: readonly ConnectionData[]
  readonly wiring: readonly ImportedOutput[]
  readonly entries: Readonly<Record<string, JsonObject>>
  readonly notes: readonly ImportNote[]
}

/** One entry of the file, and the edge it stands for. */
interface Entry {
  readonly raw: JsonObject
  readonly edge: ConnectionData | undefined
}

/** The `connections` of a file: {source name: {type: [[{node, type, index}]]}}. @throws WeConnectError INVALID_INPUT with the JSON path */
export const importConnections = (
  value: unknown,
  path: string,
  byName: ReadonlyMap<string, string>,
  newId: () => string,
): ImportedConnections => {
  const connections: ConnectionData[] = []
  const wiring: ImportedOutput[] = []
  const entries: Record<string, JsonObject> = {}
  const notes: ImportNote[] = []
  const ends = new Set<string>()
  for (const output of outputsOf(value ?? {}, path)) {
    const source = byName.get(output.sourceName)
    const slots = output.slots.map((slot, index) =>
      slot?.map((raw) => ({ raw, edge: edgeOf(raw, { ...output, source, index }, byName, ends, newId) })),
    )
    for (const { raw, edge } of slots.flatMap((slot) => slot ?? [])) {
      if (edge) connections.push(edge)
      if (edge && !sameJson(raw, entryOf(edge, raw['node'] as string))) entries[edge.connectionId] = raw
      if (!edge) notes.push(danglingNote(output.sourceName, source, raw, byName))
    }
    if (!source || slots.length === 0 || slots.some(needsKeeping)) wiring.push(keptOutput(output, source, slots))
  }
  return { connections, wiring, entries, notes }
}

/** An edge in the form of the file. */
export const entryOf = (edge: ConnectionData, targetName: string): JsonObject => ({
  node: targetName,
  type: edge.targetInput,
  index: edge.targetIndex,
  ...(edge.conditions !== undefined && { conditions: edge.conditions }),
  ...(edge.transform !== undefined && { transform: edge.transform }),
})

interface FileOutput {
  readonly sourceName: string
  readonly output?: string
  readonly slots: readonly (readonly JsonObject[] | null)[]
}

const outputsOf = (value: unknown, path: string): FileOutput[] =>
  members(value, path, 'connections are an object by source node').flatMap(([sourceName, types, sourcePath]): FileOutput[] => {
    const outputs = members(types, sourcePath, 'the connections of a node are an object by type')
    if (outputs.length === 0) return [{ sourceName, slots: [] }]
    return outputs.map(([output, slots, outputPath]) => ({ sourceName, output, slots: slotsOf(slots, outputPath) }))
  })

const members = (value: unknown, path: string, message: string): [string, unknown, string][] => {
  if (!isJsonObject(value)) throw invalidAt(path, message)
  return Object.entries(value).map(([key, member]) => [key, member, memberPath(path, key)])
}

const slotsOf = (value: unknown, path: string): (readonly JsonObject[] | null)[] => {
  if (!Array.isArray(value)) throw invalidAt(path, 'the outputs of a node are an array')
  return value.map((slot: unknown, index) => {
    if (slot === null) return null
    if (!Array.isArray(slot)) throw invalidAt(memberPath(path, index), 'an output is an array of connections, or null')
    return slot.map((entry: unknown, at) => checkedEntry(entry, `${memberPath(path, index)}[${at}]`))
  })
}

const checkedEntry = (entry: unknown, path: string): JsonObject => {
  if (!isJsonObject(entry)) throw invalidAt(path, 'a connection is an object')
  if (typeof entry['node'] !== 'string') throw invalidAt(`${path}.node`, 'a connection names its node')
  if (entry['type'] != null && typeof entry['type'] !== 'string') throw invalidAt(`${path}.type`, 'must be a text')
  const index = entry['index'] ?? 0
  if (typeof index !== 'number' || !Number.isInteger(index) || index < 0 || index > 999)
    throw invalidAt(`${path}.index`, 'must be an integer from 0 to 999')
  return entry
}

interface Place {
  readonly source: string | undefined
  readonly output?: string
  readonly index: number
}

/** The edge of an entry; undefined when an end does not exist, or the same edge came before. */
const edgeOf = (raw: JsonObject, from: Place, byName: ReadonlyMap<string, string>, ends: Set<string>, newId: () => string) => {
  const target = byName.get(raw['node'] as string)
  if (from.source === undefined || target === undefined) return undefined
  const sourceOutput = from.output ?? 'main'
  const edge = {
    sourceNodeId: from.source,
    sourceOutput,
    sourceIndex: from.index,
    targetNodeId: target,
    targetInput: (raw['type'] as string | null | undefined) ?? sourceOutput,
    targetIndex: (raw['index'] as number | null | undefined) ?? 0,
  }
  const key = JSON.stringify(Object.values(edge))
  if (ends.has(key)) return undefined
  ends.add(key)
  return { connectionId: newId(), ...edge, ...expressions(raw) }
}

const expressions = ({ conditions, transform }: JsonObject): { conditions?: JsonValue; transform?: JsonValue } => ({
  ...(conditions !== undefined && { conditions }),
  ...(transform !== undefined && { transform }),
})

const needsKeeping = (slot: readonly Entry[] | undefined): boolean =>
  slot === undefined || slot.length === 0 || slot.some((entry) => !entry.edge)

const keptOutput = (
  from: FileOutput,
  sourceNodeId: string | undefined,
  slots: readonly (readonly Entry[] | undefined)[],
): ImportedOutput => ({
  ...(sourceNodeId !== undefined && { sourceNodeId }),
  sourceName: from.sourceName,
  ...(from.output !== undefined && { output: from.output }),
  slots: slots.map((slot) => (slot ? slot.flatMap(({ raw, edge }, at) => (edge ? [] : [{ at, entry: raw }])) : null)),
})

const danglingNote = (sourceName: string, source: string | undefined, raw: JsonObject, byName: ReadonlyMap<string, string>): ImportNote => {
  const target = raw['node'] as string
  const missing = source === undefined ? sourceName : target
  const message =
    source !== undefined && byName.has(target)
      ? `the connection to "${target}" is there twice: the second is kept for export only`
      : `the connection from "${sourceName}" to "${target}" is kept for export only: there is no node "${missing}"`
  return { node: sourceName, kind: 'warning', message }
}
