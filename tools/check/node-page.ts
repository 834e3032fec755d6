import { isJsonObject, type JsonValue } from '@weconnect/contracts/json'
import type { DisplayOptions, NodeDefinition, NodePort, NodeProperty, PropertyGroup, PropertyOption } from '@weconnect/contracts/node'

/** Below this line a page is written by hand, and kept. */
export const byHand = '<!-- By hand below. -->'

/** What docs/compatibility.md says of a node. */
export interface Notes {
  /** full, or most. */
  readonly state: string
  /** Refused. */
  readonly missing: string
  /** What no public case says, and how we read it. */
  readonly readings: readonly string[]
}

const rowsOf = (page: string): readonly (readonly string[])[] =>
  page
    .split('\n')
    .filter((line) => line.startsWith('| '))
    .map((line) =>
      line
        .slice(2, -1)
        .split(' |')
        .map((cell) => cell.trim()),
    )

/** Links that lead to other guides, as they are written in a node's folder. */
const fromFolder = (page: string): string => page.replaceAll(/\]\((?=[\w-]+\.md)/g, '](../../../../docs/')

/** Of every node, by the last part of its type. @param page docs/compatibility.md */
export const notesIn = (page: string): ReadonlyMap<string, Notes> => {
  const rows = rowsOf(fromFolder(page))
  const readings = (short: string): string[] =>
    rows
      .filter((row) => row.length === 2 && row[0]!.split(', ').some((subject) => subject.split(' ')[0] === short))
      .map(([subject, what]) => (subject === short ? what! : `${subject}: ${what}`))
  return new Map(
    rows
      .filter(([type = '']) => /^\S+\.\S+$/.test(type))
      .map(([type = '', , state = '', missing = '']) => {
        const short = type.slice(type.lastIndexOf('.') + 1)
        return [short, { state, missing, readings: readings(short) }]
      }),
  )
}

const text = (value: JsonValue | undefined): string =>
  (typeof value === 'string' ? value : JSON.stringify(value)).replaceAll('|', '\\|').replaceAll('\n', ' ')

const conditionText = (value: JsonValue): string => {
  const rule = isJsonObject(value) ? value['_cnd'] : undefined
  if (!isJsonObject(rule)) return text(value)
  const signs: Readonly<Record<string, string>> = { gte: 'from', lte: 'up to', gt: 'above', lt: 'below' }
  return Object.entries(rule)
    .map(([name, limit]) => `${signs[name] ?? name} ${text(limit)}`)
    .join(', ')
}

const named = (name: string): string => (name === '@version' ? 'version' : `\`${name}\``)

const when = ({ show = {}, hide = {} }: DisplayOptions = {}): string =>
  [
    ...Object.entries(show).map(([name, values]) => `${named(name)} ${values.map(conditionText).join(' or ')}`),
    ...Object.entries(hide).map(([name, values]) => `not ${named(name)} ${values.map(conditionText).join(' or ')}`),
  ].join('; ')

const isChoice = (option: PropertyOption | NodeProperty | PropertyGroup): option is PropertyOption => 'value' in option
const isGroup = (option: PropertyOption | NodeProperty | PropertyGroup): option is PropertyGroup => 'values' in option

const mostChoices = 12
/** Longer lists are the machine's, such as the hashes that its OpenSSL has. */
const longestList = 40
/** What a parameter may be. */
const valuesOf = ({ options = [], type, default: initial }: NodeProperty): string => {
  const choices = options.filter(isChoice).map(({ value }) => `\`${text(value)}\``)
  if (choices.length > longestList) return 'options'
  const shown = choices.length > mostChoices ? [...choices.slice(0, mostChoices), `… (${choices.length})`] : choices
  const empty = initial === '' || (typeof initial === 'object' && JSON.stringify(initial).length <= 2)
  return `${shown.length > 0 ? shown.join(', ') : type}${empty ? '' : `; default \`${text(initial)}\``}`
}

const rowOf = (property: NodeProperty, path: string): string =>
  `| \`${path}\` | ${text(property.displayName)} | ${valuesOf(property)} | ${when(property.displayOptions)} |`

const rows = (property: NodeProperty, above = ''): readonly string[] => {
  if (property.type === 'notice' || property.type === 'hidden') return []
  const path = above + property.name
  const members = (property.options ?? []).flatMap((option) => {
    if (isChoice(option)) return []
    return isGroup(option) ? option.values.flatMap((value) => rows(value, `${path}.${option.name}.`)) : rows(option, `${path}.`)
  })
  return [rowOf(property, path), ...members]
}

const portsText = (ports: readonly NodePort[]): string =>
  ports.length === 0 ? 'none' : ports.map(({ type, displayName }) => displayName ?? type).join(', ')

const effectsText = ({ effects, afterCrash, isTrigger }: NodeDefinition): string => {
  if (isTrigger) return 'starts executions'
  if (effects === 'pure') return 'none: a function of its input, run again after a crash'
  const after: Readonly<Record<string, string>> = {
    repeat: 'run again after a crash',
    judged: 'after a crash run again until a call that must not be made twice',
    incident: 'after a crash a person decides',
  }
  return `reaches outside; ${after[afterCrash ?? 'judged']}`
}

const credentialsText = ({ credentials = [] }: NodeDefinition): string =>
  credentials.map(({ name, displayOptions }) => `\`${name}\`${displayOptions ? ` (${when(displayOptions)})` : ''}`).join(', ')

const definitionPart = (definition: NodeDefinition): readonly string[] => {
  const credentials = credentialsText(definition)
  const table = definition.properties.flatMap((property) => rows(property))
  return [
    `## Version${definition.versions.length > 1 ? 's' : ''} ${definition.versions.join(', ')}`,
    '',
    `- Inputs: ${portsText(definition.inputs)}; outputs: ${portsText(definition.outputs)}`,
    `- Effects: ${effectsText(definition)}`,
    ...(credentials === '' ? [] : [`- Credentials: ${credentials}`]),
    '',
    ...(table.length === 0 ? ['No parameters.'] : ['| parameter | name | values | when |', '|---|---|---|---|', ...table]),
    '',
  ]
}

const notesPart = ({ state, missing, readings }: Notes): readonly string[] => [
  state === 'full' ? 'Everything that its parameters can ask for is done.' : `Not yet, and refused: ${missing}.`,
  '',
  ...(readings.length === 0 ? [] : ['No public case says these; we read them so:', '', ...readings.map((one) => `- ${one}`), '']),
]

/** The page of a node, up to where it is written by hand. @param definitions of one name, for different versions */
export const pageOf = (definitions: readonly NodeDefinition[], notes: Notes): string => {
  const newest = definitions.toSorted((a, b) => (b.versions.at(-1) ?? 0) - (a.versions.at(-1) ?? 0))
  const [{ displayName, description, name }] = newest as [NodeDefinition]
  return [
    `# ${displayName}`,
    '',
    `\`${name}\`: ${description.replace(/\.$/, '')}.`,
    '',
    ...notesPart(notes),
    ...newest.flatMap(definitionPart),
    byHand,
    '',
  ].join('\n')
}

/** A whole page: what was written by hand stays. */
export const withHandwriting = (generated: string, existing: string | undefined): string => {
  const at = existing?.indexOf(byHand) ?? -1
  return at < 0 ? generated : generated + (existing ?? '').slice(at + byHand.length + 1)
}
