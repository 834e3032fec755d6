import { isJsonObject, type JsonObject, type JsonValue } from '@weconnect/contracts/json'

/** Node types that call a workflow by their parameter `workflowId`. */
const callers: ReadonlySet<string> = new Set(['n8n-nodes-base.executeWorkflow', '@n8n/n8n-nodes-langchain.toolWorkflow'])

/** Where a workflow is named, as far as this file is concerned. */
export interface NamingNode {
  readonly nodeType: string
  readonly parameters: JsonObject
}

/** What a node names: an id, or an expression that will give one. */
export interface NamedWorkflow {
  readonly id: string
  /** As the file has it, for people. */
  readonly name?: string
  readonly isExpression: boolean
}

const idIn = (value: JsonValue | undefined): JsonValue | undefined => (isJsonObject(value) ? value['value'] : value)

/** The workflow that a node calls; undefined when it calls none that is stored. */
export const calledBy = ({ nodeType, parameters }: NamingNode): NamedWorkflow | undefined => {
  if (!callers.has(nodeType) || (parameters['source'] ?? 'database') !== 'database') return undefined
  const id = idIn(parameters['workflowId'])
  if (typeof id !== 'string' || id === '') return undefined
  const name = isJsonObject(parameters['workflowId']) ? parameters['workflowId']['cachedResultName'] : undefined
  return { id, isExpression: id.startsWith('='), ...(typeof name === 'string' && { name }) }
}

/** The workflow that handles the errors of another. */
export const errorWorkflowIn = (settings: JsonValue | undefined): string | undefined => {
  const id = isJsonObject(settings) ? settings['errorWorkflow'] : undefined
  return typeof id === 'string' && id !== '' && id !== 'DEFAULT' ? id : undefined
}

/** Another id for a workflow; undefined = it keeps the one it has. */
export type Renamed = (id: string) => string | undefined

/** The parameters with the workflow they call under its other id; the same object when nothing changes. */
export const renamedIn = (node: NamingNode, renamed: Renamed): JsonObject => {
  const { parameters } = node
  const called = calledBy(node)
  const id = called && renamed(called.id)
  if (id === undefined) return parameters
  const { workflowId } = parameters
  return { ...parameters, workflowId: isJsonObject(workflowId) ? { ...workflowId, value: id } : id }
}

/** The same for settings. */
export const renamedInSettings = (settings: JsonObject, renamed: Renamed): JsonObject => {
  const named = errorWorkflowIn(settings)
  const id = named === undefined ? undefined : renamed(named)
  return id === undefined ? settings : { ...settings, errorWorkflow: id }
}
