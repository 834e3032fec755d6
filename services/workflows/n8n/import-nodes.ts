import type { NodeData, NodeOptions, Position3 } from '@weconnect/contracts/events/types'
import { isJsonObject, type JsonObject, type JsonValue } from '@weconnect/contracts/json'
import { areCredentialReferences, isNodeOption, nodeOptionChecks } from '../decider/field-checks.ts'
import { invalidAt, isPrototypeName, memberPath } from '../plain-json.ts'
import { ofNode, refuseAll } from './all-problems.ts'
import type { ImportNote } from './import-n8n.ts'

export interface ImportedNodes {
  readonly nodes: readonly NodeData[]
  readonly nodeDefaults: Readonly<Record<string, JsonObject>>
  /** Node id by the name that connections use. */
  readonly byName: ReadonlyMap<string, string>
  readonly notes: readonly ImportNote[]
}

/** The `nodes` of a file. @throws WeConnectError INVALID_INPUT with the JSON path */
export const importNodes = (value: unknown, path: string, newId: () => string): ImportedNodes => {
  if (!Array.isArray(value)) throw invalidAt(path, 'a workflow has an array of nodes')
  refuseAll(value.flatMap((node: unknown, index) => nodeChecks(node, memberPath(path, index))))
  const raw = value.map((node: unknown, index) => checkedNode(node, memberPath(path, index)))
  const ids = new Set<string>()
  const names = new Set(raw.map((node) => node.name))
  const byName = new Map<string, string>()
  const notes: ImportNote[] = []
  const nodeDefaults: Record<string, JsonObject> = {}
  const nodes = raw.map(({ node, name, path }) => {
    const id = importedId(node['id'], ids, newId)
    ids.add(id.nodeId)
    const taken = byName.has(name)
    const unique = taken ? freeName(name, names) : name
    names.add(unique)
    byName.set(unique, id.nodeId)
    if (taken)
      notes.push({ node: unique, kind: 'changed', message: `a node before it is called "${name}" too: this one is now "${unique}"` })
    const data = nodeData(node, unique, id, path)
    const defaults = { ...absentDefaults(node), ...(taken && { name: unique }) }
    if (Object.keys(defaults).length > 0) nodeDefaults[id.nodeId] = defaults
    return taken ? { ...data, extra: { ...(data.extra as JsonObject | undefined), name } } : data
  })
  return { nodes, nodeDefaults, byName, notes }
}

const nodeChecks = (node: unknown, path: string): (() => void)[] => {
  if (!isJsonObject(node)) return [() => void checkedNode(node, path)]
  const name = typeof node['name'] === 'string' ? node['name'] : undefined
  const checks = [
    () => checkedName(node, path),
    () => checkedType(node, path),
    () => typeVersion(node['typeVersion'], path),
    () => position(node['position'], path),
    () => objectAt(node, 'parameters', path),
    () => objectAt(node, 'credentials', path),
  ]
  return checks.map((check) => ofNode(name, path, check))
}

const checkedName = (node: JsonObject, path: string): string => {
  const name = node['name']
  if (typeof name !== 'string' || name === '') throw invalidAt(`${path}.name`, 'a node has a name')
  if (name === '__proto__') throw invalidAt(`${path}.name`, 'a node cannot be called __proto__')
  return name
}

const checkedType = (node: JsonObject, path: string): void => {
  if (typeof node['type'] !== 'string' || node['type'] === '') throw invalidAt(`${path}.type`, 'a node has a type')
}

const checkedNode = (node: unknown, path: string): { node: JsonObject; name: string; path: string } => {
  if (!isJsonObject(node)) throw invalidAt(path, 'a node is an object')
  return { node, name: checkedName(node, path), path }
}

/** n8n's id when it is unique in the file, else a new one and what the file had (null: nothing). */
const importedId = (raw: JsonValue | undefined, taken: ReadonlySet<string>, newId: () => string) => {
  const usable = typeof raw === 'string' && raw !== '' && raw.length <= 200 && !isPrototypeName(raw) && !taken.has(raw)
  return usable ? { nodeId: raw } : { nodeId: newId(), importedId: raw ?? null }
}

const freeName = (name: string, taken: ReadonlySet<string>): string => {
  let suffix = 1
  while (taken.has(`${name}${suffix}`)) suffix += 1
  return `${name}${suffix}`
}

const origin: Position3 = { x: 0, y: 0 }

/** What is supplied for keys that are absent, in the form of the file. */
const absentDefaults = (node: JsonObject): JsonObject => ({
  ...(node['typeVersion'] == null && { typeVersion: 1 }),
  ...(node['parameters'] == null && { parameters: {} }),
  ...(node['position'] == null && { position: [origin.x, origin.y] }),
})

const nodeData = (node: JsonObject, name: string, id: { nodeId: string; importedId?: JsonValue }, path: string): NodeData => {
  const credentials = objectAt(node, 'credentials', path)
  const { options, extra } = splitKeys(node)
  return {
    ...id,
    name,
    nodeType: node['type'] as string,
    typeVersion: typeVersion(node['typeVersion'], path),
    position: position(node['position'], path),
    options,
    parameters: objectAt(node, 'parameters', path) ?? {},
    ...(credentials && areCredentialReferences(credentials) && { credentials }),
    ...(Object.keys(extra).length > 0 && { extra }),
  }
}

const modelled = ['id', 'name', 'type', 'typeVersion', 'position', 'parameters', 'credentials']

/** Options that have their right type, and everything without a meaning here: unknown keys, nulls, options of a wrong type. */
const splitKeys = (node: JsonObject): { options: NodeOptions; extra: JsonObject } => {
  const isOption = ([key, value]: [string, unknown]) => isNodeOption(key) && nodeOptionChecks[key](value)
  // Credentials that are more than references may hold a secret: they go where everything is sealed.
  const isSealed = (key: string, value: unknown) => key === 'credentials' && isJsonObject(value) && !areCredentialReferences(value)
  const isExtra = ([key, value]: [string, unknown]) =>
    !isOption([key, value]) && (!modelled.includes(key) || value === null || isSealed(key, value))
  const entries = Object.entries(node)
  return { options: Object.fromEntries(entries.filter(isOption)), extra: Object.fromEntries(entries.filter(isExtra)) as JsonObject }
}

const typeVersion = (value: JsonValue | undefined, path: string): number => {
  const version = value ?? 1
  if (typeof version !== 'number' || version <= 0) throw invalidAt(`${path}.typeVersion`, 'must be a number above 0')
  return version
}

const position = (value: JsonValue | undefined, path: string): Position3 => {
  if (value == null) return origin
  if (!Array.isArray(value) || value.length < 2 || value.length > 3 || !value.every(Number.isFinite))
    throw invalidAt(`${path}.position`, 'must be two numbers: [x, y]')
  const [x, y, z] = value as [number, number, number?]
  return { x, y, ...(z !== undefined && { z }) }
}

const objectAt = (node: JsonObject, key: string, path: string): JsonObject | undefined => {
  const value = node[key] ?? undefined
  if (value !== undefined && !isJsonObject(value)) throw invalidAt(memberPath(path, key), 'must be an object')
  return value
}
