import { isDeepStrictEqual } from 'node:util'
import { isJsonObject, type JsonObject, type JsonValue } from '@weconnect/contracts/json'
import type { NodeProperty, PropertyGroup } from '@weconnect/contracts/node'
import { type DisplayNode, displayParameter } from './display.ts'

/** How absent, default and hidden values are treated; the same for every level of nesting. */
interface Fill {
  readonly defaults: boolean
  readonly hidden: boolean
  readonly node: DisplayNode | null
  readonly root: JsonObject
}
type Parent = 'node' | 'collection' | 'fixedCollection'
type Values = Record<string, JsonValue | undefined>

/**
 * The parameters of a node as n8n understands them.
 * @param returnDefaults true: absent values become their defaults; false: only values that differ from them are kept
 * @param returnNoneDisplayed true: values of properties that do not show are kept
 * @returns {} when there are no values at all, as when the expression that makes them failed
 */
export const getNodeParameters = (
  properties: readonly NodeProperty[],
  values: JsonObject | null,
  returnDefaults: boolean,
  returnNoneDisplayed: boolean,
  node: DisplayNode | null = null,
): JsonObject => {
  if (values === null) return {}
  const root = shownValues(properties, values, node)
  return fillLevel(properties, values, { defaults: returnDefaults, hidden: returnNoneDisplayed, node, root }, 'node', root)
}

const dependenciesOf = (property: NodeProperty): readonly string[] =>
  [...Object.keys(property.displayOptions?.show ?? {}), ...Object.keys(property.displayOptions?.hide ?? {})].map(
    (key) => key.split('.')[0]!,
  )

/** Properties after those their display depends on; a cycle keeps the order in which it is written. */
const inDisplayOrder = (properties: readonly NodeProperty[]): readonly NodeProperty[] => {
  const waiting = new Set(properties)
  const ordered: NodeProperty[] = []
  const blocked = (property: NodeProperty) =>
    dependenciesOf(property).some((name) => [...waiting].some((other) => other !== property && other.name === name))
  while (waiting.size > 0) {
    const ready = [...waiting].filter((property) => !blocked(property))
    for (const property of ready.length > 0 ? ready : [...waiting]) {
      ordered.push(property)
      waiting.delete(property)
    }
  }
  return ordered
}

const orders = new WeakMap<readonly NodeProperty[], readonly NodeProperty[]>()
const displayOrder = (properties: readonly NodeProperty[]): readonly NodeProperty[] => {
  const known = orders.get(properties)
  if (known) return known
  const ordered = properties.some((property) => property.displayOptions) ? inDisplayOrder(properties) : properties
  orders.set(properties, ordered)
  return ordered
}

/** Values with the defaults of what shows: what display conditions are decided on. */
const shownValues = (properties: readonly NodeProperty[], values: JsonObject, node: DisplayNode | null, root?: JsonObject): JsonObject => {
  const shown: Values = { ...values }
  for (const property of displayOrder(properties)) {
    if (shown[property.name] === undefined && displayParameter(shown, property, node, root ?? shown))
      shown[property.name] = property.default
  }
  return shown
}

const fillLevel = (properties: readonly NodeProperty[], values: JsonObject, fill: Fill, parent: Parent, shown: JsonObject): JsonObject => {
  const filled: Values = {}
  const repeated = repeatedNames(properties)
  for (const property of properties) {
    const absent = values[property.name] === undefined
    if (absent && (!fill.defaults || parent === 'collection')) continue
    const displayed = displayParameter(shown, property, fill.node, fill.root)
    if (!displayed && (!fill.hidden || repeated.has(property.name))) continue
    const value = fillOne(property, values[property.name], fill, parent)
    if (value !== undefined) filled[property.name] = value
  }
  return filled
}

const repeatedNames = (properties: readonly NodeProperty[]): ReadonlySet<string> => {
  const seen = new Set<string>()
  return new Set(properties.map(({ name }) => name).filter((name) => seen.has(name) || !seen.add(name)))
}

const fillOne = (property: NodeProperty, value: JsonValue | undefined, fill: Fill, parent: Parent): JsonValue | undefined => {
  if (property.type === 'collection') return fillCollection(property, value, fill)
  if (property.type === 'fixedCollection') return fillGroups(property, value, fill)
  if (fill.defaults) return value === undefined ? defaultOf(property) : value
  return parent !== 'collection' && isDeepStrictEqual(value, property.default) ? undefined : value
}

const defaultOf = (property: NodeProperty): JsonValue =>
  property.type === 'resourceLocator' && isJsonObject(property.default) ? { __rl: true, ...property.default } : property.default

const allowsMany = (property: NodeProperty): boolean => property.typeOptions?.['multipleValues'] === true

const nested = (properties: readonly NodeProperty[], value: JsonValue, fill: Fill, parent: Parent): JsonObject => {
  const values = isJsonObject(value) ? value : {}
  return fillLevel(properties, values, fill, parent, shownValues(properties, values, fill.node, fill.root))
}

const fillCollection = (property: NodeProperty, value: JsonValue | undefined, fill: Fill): JsonValue | undefined => {
  if (allowsMany(property)) return value !== undefined ? value : Array.isArray(property.default) ? property.default : []
  if (value === undefined) return property.default
  if (!isJsonObject(value)) return value
  return nested((property.options ?? []) as readonly NodeProperty[], value, fill, 'collection')
}

const isExpression = (value: JsonValue): boolean => typeof value === 'string' && value.startsWith('=')

const fillGroups = (property: NodeProperty, value: JsonValue | undefined, fill: Fill): JsonValue | undefined => {
  if (value !== undefined && isExpression(value)) return value
  const groups = (property.options ?? []) as readonly PropertyGroup[]
  const filled: Values = {}
  for (const group of groups) {
    const members = isJsonObject(value) ? value[group.name] : undefined
    const result =
      members === undefined ? undefined : allowsMany(property) ? fillEntries(group, members, fill) : fillGroup(group, members, fill)
    if (result !== undefined) filled[group.name] = result
  }
  if (value === undefined && fill.defaults) return property.default
  return fill.defaults || Object.keys(filled).length > 0 ? filled : undefined
}

const fillEntries = (group: PropertyGroup, members: JsonValue, fill: Fill): JsonValue | undefined =>
  Array.isArray(members) ? members.map((entry: JsonValue) => nested(group.values, entry, fill, 'fixedCollection')) : undefined

/** A group that was added and left at its defaults is kept, one of which nothing shows is not. */
const fillGroup = (group: PropertyGroup, members: JsonValue, fill: Fill): JsonValue | undefined => {
  const filled = nested(group.values, members, fill, 'fixedCollection')
  if (fill.defaults || Object.keys(filled).length > 0 || !isJsonObject(members)) return filled
  const shown = shownValues(group.values, members, fill.node, fill.root)
  const isShown = (name: string) =>
    group.values.some((property) => property.name === name && displayParameter(shown, property, fill.node, fill.root))
  return Object.keys(members).every(isShown) ? filled : undefined
}
