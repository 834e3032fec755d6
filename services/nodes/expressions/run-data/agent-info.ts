import { isJsonObject, type JsonObject, type JsonValue } from '@weconnect/contracts/json'

/** The workflow, as far as `$agentInfo` is about it. */
export interface AgentSurroundings {
  readonly nodes: readonly {
    readonly name: string
    readonly type: string
    readonly parameters: JsonObject
    readonly hasCredentials: boolean
  }[]
  /** Connections of one type that is not main, such as ai_tool and ai_memory. */
  readonly connections: readonly { readonly source: string; readonly target: string; readonly type: string }[]
}

const agentType = '@n8n/n8n-nodes-langchain.agent'
const isTool = (type: string): boolean => /\.tool[A-Z]|Tool$/.test(type)

/** "googleCalendarTool" -> "Google Calendar"; "toolWikipedia" -> "Wikipedia". */
const readable = (type: string): string =>
  (type.split('.').at(-1) ?? type)
    .replace(/^tool(?=[A-Z])|Tool$/g, '')
    .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
    .replace(/^[a-z]/, (letter) => letter.toUpperCase())

const capitalised = (value: JsonValue | undefined): string | null =>
  typeof value === 'string' && value !== '' ? value.replace(/^[a-z]/, (letter) => letter.toUpperCase()) : null

const asksModel = /\$fromAI\(\s*(["'`])((?:(?!\1)[^\\\n])*)\1/gi
/** Names of the fields that a parameter leaves to the model. */
const leftToModel = (value: JsonValue | undefined): readonly string[] => {
  if (typeof value === 'string') return [...value.matchAll(asksModel)].map((match) => match[2] ?? '')
  if (Array.isArray(value)) return value.flatMap(leftToModel)
  return isJsonObject(value) ? Object.values(value).flatMap(leftToModel) : []
}

const hasCalendar = (calendar: JsonValue | undefined): boolean => {
  const value = isJsonObject(calendar) ? calendar['value'] : calendar
  return typeof value === 'string' && value !== ''
}

/** `$agentInfo`: what is connected to an AI agent; undefined for every other node. */
export const agentInfoOf = ({ nodes, connections }: AgentSurroundings, nodeName: string): JsonObject | undefined => {
  if (nodes.find(({ name }) => name === nodeName)?.type !== agentType) return undefined
  const leadsHere = (source: string, wanted: string): boolean =>
    connections.some(({ source: from, target, type }) => from === source && target === nodeName && type === wanted)
  const tools = nodes
    .filter(({ name, type }) => isTool(type) || leadsHere(name, 'ai_tool'))
    .map(({ name, type, parameters, hasCredentials }) => ({
      connected: leadsHere(name, 'ai_tool'),
      nodeType: readable(type),
      name,
      type,
      resource: capitalised(parameters['resource']),
      operation: capitalised(parameters['operation']),
      hasCredentials,
      hasValidCalendar: /^n8n-nodes-base\.googleCalendar/.test(type) ? hasCalendar(parameters['calendar']) : false,
      aiDefinedFields: [...new Set(leftToModel(parameters))],
    }))
  return { memoryConnectedToAgent: nodes.some(({ name }) => leadsHere(name, 'ai_memory')), tools }
}
