import type { JsonValue } from '@weconnect/contracts/json'
import type { DisplayOptions, NodeProperty, PropertyGroup, PropertyOption } from '@weconnect/contracts/node'

type Extra = Partial<Omit<NodeProperty, 'displayName' | 'name' | 'type' | 'default'>>

const property =
  <Default extends JsonValue>(type: NodeProperty['type'], empty: Default) =>
  (displayName: string, name: string, value: JsonValue = empty, extra: Extra = {}): NodeProperty => ({
    displayName,
    name,
    type,
    default: value,
    ...extra,
  })

/** Properties of a node definition, one function per type: (display name, name, default, the rest). */
export const text = property('string', '')
export const number = property('number', 0)
export const toggle = property('boolean', false)
export const json = property('json', '')
export const dateTime = property('dateTime', '')
export const hidden = property('hidden', '')
export const notice = property('notice', '')
export const filterConditions = property('filter', {})
export const assignments = property('assignmentCollection', {})
export const resourceLocator = property('resourceLocator', { mode: 'list', value: '' })
export const resourceMapper = property('resourceMapper', { mappingMode: 'defineBelow', value: null })
export const credentialsSelect = property('credentialsSelect', '')

/** A choice; options given as [name, value]. */
export const choice = (
  displayName: string,
  name: string,
  options: readonly (readonly [name: string, value: string | number | boolean])[],
  value: JsonValue,
  extra: Extra = {},
): NodeProperty => ({ displayName, name, type: 'options', default: value, options: options.map(asOption), ...extra })

export const choices = (
  displayName: string,
  name: string,
  options: readonly (readonly [name: string, value: string | number | boolean])[],
  value: JsonValue = [],
  extra: Extra = {},
): NodeProperty => ({ displayName, name, type: 'multiOptions', default: value, options: options.map(asOption), ...extra })

const asOption = ([name, value]: readonly [string, string | number | boolean]): PropertyOption => ({ name, value })

export const collection = (displayName: string, name: string, members: readonly NodeProperty[], extra: Extra = {}): NodeProperty => ({
  displayName,
  name,
  type: 'collection',
  default: {},
  options: members,
  ...extra,
})

/** A fixed collection; `many` = each group holds a list. */
export const groups = (
  displayName: string,
  name: string,
  members: readonly PropertyGroup[],
  { many = false, value = {}, ...extra }: Extra & { readonly many?: boolean; readonly value?: JsonValue } = {},
): NodeProperty => ({
  displayName,
  name,
  type: 'fixedCollection',
  default: value,
  options: members,
  ...extra,
  ...(many ? { typeOptions: { multipleValues: true, ...extra.typeOptions } } : {}),
})

export const group = (displayName: string, name: string, values: readonly NodeProperty[]): PropertyGroup => ({ displayName, name, values })

export const show = (conditions: NonNullable<DisplayOptions['show']>): { readonly displayOptions: DisplayOptions } => ({
  displayOptions: { show: conditions },
})
export const hide = (conditions: NonNullable<DisplayOptions['hide']>): { readonly displayOptions: DisplayOptions } => ({
  displayOptions: { hide: conditions },
})
/** Shown from this version on. */
export const since = (version: number): JsonValue => ({ _cnd: { gte: version } })
/** Shown up to this version. */
export const until = (version: number): JsonValue => ({ _cnd: { lte: version } })
