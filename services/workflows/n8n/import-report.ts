import type { Problem } from '@weconnect/contracts/errors'
import type { ConnectionData, NodeData } from '@weconnect/contracts/events/types'
import { isJsonObject, type JsonObject, type JsonValue } from '@weconnect/contracts/json'
import type { NodeRegistry } from '@weconnect/nodes/sdk/registry'
import type { ImportNote, ParsedWorkflow } from './import-n8n.ts'

/** What an import says of a workflow, node by node: what was changed, what cannot run yet, and what a person should look at. */
export const importNotes = async (
  { content, notes }: ParsedWorkflow,
  registry: NodeRegistry,
  isLinked: IsLinked,
): Promise<readonly ImportNote[]> => {
  const subNodes = new Set(content.connections.filter(isSubNodeEdge).map((edge) => edge.sourceNodeId))
  const found: ImportNote[] = [...notes]
  for (const node of content.nodes) {
    const own = [
      ...runnability(node, subNodes.has(node.nodeId), registry),
      ...(await credentialNotes(node, isLinked)),
      ...secretNotes(node),
    ]
    found.push(...own.map((note): ImportNote => ({ node: node.name, nodeType: node.nodeType, ...note })))
  }
  return found
}

/** What would refuse a publish for what stands in a parameter. */
export const problemNotes = (problems: readonly Problem[]): readonly ImportNote[] =>
  problems.flatMap(({ node, parameter, message }) =>
    node === undefined || parameter === undefined ? [] : [{ node, kind: 'warning', message: `${parameter}: ${message}` }],
  )

/** Whether a node's reference finds a credential here. */
type IsLinked = (type: string, reference: JsonValue) => Promise<boolean>

type NodeNote = Pick<ImportNote, 'kind' | 'message'>

const isSubNodeEdge = (edge: ConnectionData): boolean => edge.sourceOutput.startsWith('ai_')

const runnability = (node: NodeData, isSubNode: boolean, registry: NodeRegistry): readonly NodeNote[] => {
  if (registry.find(node.nodeType, node.typeVersion)) return []
  const versions = registry.versionsOf(node.nodeType)
  if (versions.length > 0)
    return [{ kind: 'notRunnable', message: `version ${node.typeVersion} is not supported yet; supported are ${versions.join(', ')}` }]
  return [{ kind: 'notRunnable', message: isSubNode ? 'sub-nodes of AI nodes cannot run yet' : 'there is no such node type here yet' }]
}

const credentialNotes = async (node: NodeData, isLinked: IsLinked): Promise<readonly NodeNote[]> => {
  const notes: NodeNote[] = []
  for (const [type, reference = null] of Object.entries(credentialsOf(node))) {
    if (node.credentials !== undefined && (await isLinked(type, reference))) continue
    const label = isJsonObject(reference) ? reference['name'] : reference
    const name = typeof label === 'string' ? ` "${label}"` : ''
    notes.push({
      kind: 'warning',
      message: `there is no credential${name} of type ${type} here: create it with this name, or link another`,
    })
  }
  return notes
}

/** Those that hold more than a reference were put aside. */
const credentialsOf = ({ credentials, extra }: NodeData): JsonObject => {
  const kept = credentials ?? (isJsonObject(extra) ? extra['credentials'] : undefined)
  return isJsonObject(kept) ? kept : {}
}

const secretName =
  /^(x[-_]?)?(api[-_]?(key|token)|(access|auth|bearer|refresh)?[-_]?token|pass(word|wd|phrase)|(client[-_]?)?secret|private[-_]?key|(proxy-)?authorization)$/i

/** Never quotes the value. */
const secretNotes = (node: NodeData): readonly NodeNote[] =>
  literalSecrets(node.parameters, '').map((path) => ({
    kind: 'warning',
    message: `${path} looks like a secret typed into a parameter: move it into a credential`,
  }))

/** Paths of members with the name of a secret, and of {name, value} pairs with such a name, whose value is a literal text. */
const literalSecrets = (value: JsonValue | undefined, path: string): readonly string[] => {
  if (Array.isArray(value)) return value.flatMap((entry: JsonValue, index) => literalSecrets(entry, `${path}[${index}]`))
  if (!isJsonObject(value)) return []
  const member = (key: string) => (path === '' ? key : `${path}.${key}`)
  const named = Object.entries(value).filter(([key, text]) => secretName.test(key) && isLiteral(text))
  const pair = isSecretPair(value) ? [member('value')] : []
  return [
    ...named.map(([key]) => member(key)),
    ...pair,
    ...Object.entries(value).flatMap(([key, inner]) => literalSecrets(inner, member(key))),
  ]
}

const isSecretPair = ({ name, value }: JsonObject): boolean => typeof name === 'string' && secretName.test(name) && isLiteral(value)

/** A text that no expression makes. */
const isLiteral = (value: JsonValue | undefined): boolean =>
  typeof value === 'string' && value.trim() !== '' && !(value.startsWith('=') && value.includes('{{'))
