import { type Problem, WeConnectError } from '@weconnect/contracts/errors'
import { isJsonObject, type JsonObject, type JsonValue } from '@weconnect/contracts/json'
import { placeOfJsonError } from '@weconnect/contracts/json-place'
import type { ImportWorkflow } from '../decider/commands.ts'
import { checkedTags } from '../decider/field-checks.ts'
import { checkPlainJson, invalidAt, memberPath } from '../plain-json.ts'
import { ofNode, refuseAll } from './all-problems.ts'
import { importConnections } from './import-connections.ts'
import { importNodes } from './import-nodes.ts'

/** What an import changed or kept aside on the way in. */
export interface ImportNote {
  readonly node?: string
  readonly nodeType?: string
  readonly kind: 'notRunnable' | 'changed' | 'warning'
  readonly message: string
}

export interface ParsedWorkflow {
  readonly content: Omit<ImportWorkflow, 'type' | 'workflowId' | 'organisationId'>
  readonly notes: readonly ImportNote[]
}

/**
 * What an export needs, beside the content, to give the imported file back. `defaults` are the values that we supplied where the file had none, or
 * one we cannot use: as long as the content still has such a value, the export gives what `keys` has, or nothing.
 */
export interface ImportedShape {
  /** Top-level keys as they were in the file, without those that became content. */
  readonly keys: JsonObject
  readonly defaults: JsonObject
  /** The same for nodes, by node id; the keys themselves are the `extra` of the node. */
  readonly nodeDefaults: Readonly<Record<string, JsonObject>>
  /** Outputs that the edges alone do not tell: empty ones, and entries that lead nowhere. */
  readonly wiring: readonly ImportedOutput[]
  /** Entries of connections that say more, or less, than node, type and index; by connection id. */
  readonly entries: Readonly<Record<string, JsonObject>>
}
export interface ImportedOutput {
  /** Absent: no node has this name. */
  readonly sourceNodeId?: string
  readonly sourceName: string
  /** Absent: the source has no output at all. */
  readonly output?: string
  readonly slots: readonly (null | readonly { readonly at: number; readonly entry: JsonObject }[])[]
}

const defaultName = 'Imported workflow'

/** The text of a file as JSON. @throws WeConnectError MALFORMED_JSON with the place; never quotes the text, which may hold secrets */
const parseJson = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    const place = placeOfJsonError(text)
    const problem: Problem = { code: 'MALFORMED_JSON', message: `not JSON at ${place}`, path: '$' }
    throw new WeConnectError('MALFORMED_JSON', `the file is not JSON at ${place}`, { problems: [problem] })
  }
}

/**
 * The workflows of one n8n file (its text, or the parsed value): a workflow, an array of them, or {workflows: [...]}. Pure but for the ids it asks for.
 * @throws WeConnectError MALFORMED_JSON, INVALID_INPUT with the JSON path
 */
export const parseN8nFile = (file: unknown, newId: () => string, nameWhenAbsent = defaultName): readonly ParsedWorkflow[] => {
  const value = typeof file === 'string' ? parseJson(file) : file
  checkPlainJson(value)
  const inside = isJsonObject(value) && Array.isArray(value['workflows']) && !('nodes' in value)
  const list: unknown = inside ? value['workflows'] : value
  if (!Array.isArray(list)) return [parseWorkflow(list, '$', newId, nameWhenAbsent)]
  if (list.length === 0) throw invalidAt('$', 'the file holds no workflow')
  return list.map((entry: unknown, index) => parseWorkflow(entry, memberPath(inside ? '$.workflows' : '$', index), newId, nameWhenAbsent))
}

const contentKeys = ['nodes', 'connections', 'name', 'settings', 'pinData', 'description']

const parseWorkflow = (file: unknown, path: string, newId: () => string, nameWhenAbsent: string): ParsedWorkflow => {
  if (!isJsonObject(file)) throw invalidAt(path, 'a workflow is an object')
  refuseAll([
    () => importNodes(file['nodes'], `${path}.nodes`, noId),
    ...connectionChecks(file['connections'], `${path}.connections`),
    () => parseDetails(file, path, nameWhenAbsent),
  ])
  const { nodes, nodeDefaults, byName, notes: nodeNotes } = importNodes(file['nodes'], `${path}.nodes`, newId)
  const wires = importConnections(file['connections'], `${path}.connections`, byName, newId)
  const details = parseDetails(file, path, nameWhenAbsent)
  const imported: ImportedShape = {
    keys: details.keys,
    defaults: { ...details.defaults, ...(file['connections'] == null && { connections: {} }) },
    nodeDefaults,
    wiring: wires.wiring,
    entries: wires.entries,
  }
  return {
    content: { ...details.content, nodes, connections: wires.connections, imported: imported as unknown as JsonObject },
    notes: [...details.notes, ...nodeNotes, ...wires.notes],
  }
}

/** Checks make nothing that stays. */
const noId = (): string => ''

const connectionChecks = (connections: JsonValue | undefined, path: string): (() => void)[] => {
  if (!isJsonObject(connections)) return [() => void importConnections(connections, path, new Map(), noId)]
  return Object.entries(connections).map(([source, types]) =>
    ofNode(source, memberPath(path, source), () => importConnections({ [source]: types }, path, new Map(), noId)),
  )
}

const parseDetails = (file: JsonObject, path: string, nameWhenAbsent: string) => {
  const name = optional(file, 'name', path, isText, 'a text') || nameWhenAbsent
  const description = optional(file, 'description', path, isText, 'a text') ?? ''
  const settings = optional(file, 'settings', path, isJsonObject, 'an object') ?? {}
  const pinData = optional(file, 'pinData', path, isJsonObject, 'an object')
  const tags = checkedTags(
    (optional(file, 'tags', path, isList, 'an array') ?? []).map((tag, index) => tagName(tag, `${path}.tags[${index}]`)),
  )
  const kept = Object.entries(file).filter(([key, value]) => !contentKeys.includes(key) || value === null || value === '')
  const defaults = {
    tags,
    ...(!file['name'] && { name }),
    ...(!file['settings'] && { settings }),
    ...(!file['description'] && { description }),
  }
  const notes: ImportNote[] = file['name'] ? [] : [{ kind: 'changed', message: `the file has no name: the workflow is called "${name}"` }]
  const content = { name, tags, settings, ...(description && { description }), ...(pinData && { pinData }) }
  return { content, keys: Object.fromEntries(kept) as JsonObject, defaults: defaults as JsonObject, notes }
}

const isText = (value: unknown): value is string => typeof value === 'string'
const isList = (value: unknown): value is readonly JsonValue[] => Array.isArray(value)

/** A key that may be absent or null, but is of no other type. */
const optional = <Value extends JsonValue>(
  object: JsonObject,
  key: string,
  path: string,
  is: (value: unknown) => value is Value,
  what: string,
): Value | undefined => {
  const value = object[key] ?? undefined
  if (value !== undefined && !is(value)) throw invalidAt(memberPath(path, key), `must be ${what}`)
  return value
}

const tagName = (tag: JsonValue, path: string): string => {
  const name = isJsonObject(tag) ? tag['name'] : tag
  if (typeof name !== 'string') throw invalidAt(path, 'a tag is a text, or an object with a name')
  return name
}
