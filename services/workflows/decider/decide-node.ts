import { WeConnectError } from '@weconnect/contracts/errors'
import type { WorkflowEvent } from '@weconnect/contracts/events/workflow'
import { isJsonObject, type JsonObject, type JsonValue } from '@weconnect/contracts/json'
import { sameJson } from '../canonical-json.ts'
import type { Workflow, WorkflowNode } from '../model.ts'
import { isPrototypeName } from '../plain-json.ts'
import type { AddNode, ConfigureNode, EditCommand, NodeCommand, RemoveNode, RenameNode } from './commands.ts'
import { checkedCredentials, checkedName, checkedOptions, checkedParameters, checkedPosition, checkedTypeVersion } from './field-checks.ts'
import { renameReferences } from './node-references.ts'

const nodeCommands: readonly string[] = ['AddNode', 'ConfigureNode', 'MoveNode', 'RenameNode', 'RemoveNode'] satisfies NodeCommand['type'][]
export const isNodeCommand = (command: EditCommand): command is NodeCommand => nodeCommands.includes(command.type)

export const decideNode = (command: NodeCommand, workflow: Workflow): WorkflowEvent[] => {
  if (command.type === 'AddNode') return add(command, workflow)
  const node = nodeOf(workflow, command.nodeId)
  switch (command.type) {
    case 'ConfigureNode':
      return configure(command, node)
    case 'MoveNode':
      return sameJson(node.position, command.position)
        ? []
        : [{ type: 'NodeMoved', data: { nodeId: node.nodeId, position: checkedPosition(command.position) } }]
    case 'RenameNode':
      return rename(command, node, workflow)
    case 'RemoveNode':
      return remove(command, node, workflow)
  }
}

/** @throws WeConnectError NOT_FOUND */
export const nodeOf = (workflow: Workflow, nodeId: string): WorkflowNode => {
  const node = workflow.nodes.find((candidate) => candidate.nodeId === nodeId)
  if (!node) throw new WeConnectError('NOT_FOUND', `the workflow has no node ${nodeId}`)
  return node
}

const freeName = (raw: string, workflow: Workflow): string => {
  const name = checkedName(raw, 'name of a node')
  const holder = workflow.nodes.find((node) => node.name === name)
  if (holder) throw new WeConnectError('NAME_TAKEN', `node ${holder.nodeId} has the name "${name}"`)
  return name
}

const add = (command: AddNode, workflow: Workflow): WorkflowEvent[] => {
  if (workflow.nodes.some((node) => node.nodeId === command.nodeId))
    throw new WeConnectError('INVALID_INPUT', `the workflow has a node ${command.nodeId} already`)
  if (command.nodeId === '' || command.nodeId.length > 200 || isPrototypeName(command.nodeId))
    throw new WeConnectError('INVALID_INPUT', 'a node id has 1 to 200 characters')
  const node = {
    nodeId: command.nodeId,
    name: freeName(command.name, workflow),
    nodeType: checkedName(command.nodeType, 'type of a node'),
    typeVersion: checkedTypeVersion(command.typeVersion),
    position: checkedPosition(command.position),
    options: checkedOptions(command.options ?? {}),
    parameters: checkedParameters(command.parameters ?? {}),
    ...(command.credentials && { credentials: checkedCredentials(command.credentials) }),
  }
  return [{ type: 'NodeAdded', data: { node } }]
}

/** Only what differs is written. */
const configure = (command: ConfigureNode, node: WorkflowNode): WorkflowEvent[] => {
  const { parameters, options, credentials, typeVersion } = command
  const change = {
    ...(parameters && !sameJson(parameters, node.parameters) && { parameters: checkedParameters(parameters) }),
    ...(options && !sameJson(options, node.options) && { options: checkedOptions(options) }),
    ...(credentials && !sameJson(credentials, node.credentials) && { credentials: checkedCredentials(credentials) }),
    ...(typeVersion !== undefined && typeVersion !== node.typeVersion && { typeVersion: checkedTypeVersion(typeVersion) }),
  }
  return Object.keys(change).length === 0 ? [] : [{ type: 'NodeConfigured', data: { nodeId: node.nodeId, ...change } }]
}

const rename = (command: RenameNode, node: WorkflowNode, workflow: Workflow): WorkflowEvent[] => {
  if (command.name.trim() === node.name) return []
  const name = freeName(command.name, workflow)
  return [
    { type: 'NodeRenamed', data: { nodeId: node.nodeId, name } },
    ...workflow.nodes.flatMap((other) => renameInParameters(other, node.name, name)),
    ...workflow.nodes.flatMap((other) => renameInOptions(other, node.name, name)),
    ...workflow.connections.flatMap((edge) => renameInConnection(edge, node.name, name)),
    ...renameInPinData(workflow.pinData, node.name, name),
  ]
}

const renameInParameters = (node: WorkflowNode, from: string, to: string): WorkflowEvent[] => {
  const parameters = renameReferences(node.parameters, from, to)
  return parameters === node.parameters ? [] : [{ type: 'NodeConfigured', data: { nodeId: node.nodeId, parameters } }]
}

const renameInOptions = ({ nodeId, options }: WorkflowNode, from: string, to: string): WorkflowEvent[] =>
  options.compensation === from ? [{ type: 'NodeConfigured', data: { nodeId, options: { ...options, compensation: to } } }] : []

/** Connections have no event for a change: the edge is taken out and put back. */
const renameInConnection = (edge: Workflow['connections'][number], from: string, to: string): WorkflowEvent[] => {
  const conditions = edge.conditions === undefined ? undefined : renameReferences(edge.conditions, from, to)
  const transform = edge.transform === undefined ? undefined : renameReferences(edge.transform, from, to)
  if (conditions === edge.conditions && transform === edge.transform) return []
  const connection = { ...edge, ...(conditions !== undefined && { conditions }), ...(transform !== undefined && { transform }) }
  return [
    { type: 'NodesDisconnected', data: { connectionId: edge.connectionId } },
    { type: 'NodesConnected', data: { connection } },
  ]
}

const renameInPinData = (pinData: JsonValue | undefined, from: string, to: string): WorkflowEvent[] => {
  if (!isJsonObject(pinData) || !Object.hasOwn(pinData, from)) return []
  const entries = Object.entries(pinData).map(([name, items]) => [name === from ? to : name, items])
  return [{ type: 'PinDataChanged', data: { pinData: Object.fromEntries(entries) as JsonObject } }]
}

const remove = (command: RemoveNode, node: WorkflowNode, { pinData }: Workflow): WorkflowEvent[] => {
  const removed: WorkflowEvent = { type: 'NodeRemoved', data: { nodeId: command.nodeId } }
  if (!isJsonObject(pinData) || !Object.hasOwn(pinData, node.name)) return [removed]
  const kept = Object.fromEntries(Object.entries(pinData).filter(([name]) => name !== node.name))
  return [removed, { type: 'PinDataChanged', data: Object.keys(kept).length === 0 ? {} : { pinData: kept } }]
}
