import { WeConnectError } from '@weconnect/contracts/errors'
import type { ConnectionData } from '@weconnect/contracts/events/types'
import type { WorkflowEvent } from '@weconnect/contracts/events/workflow'
import { sameJson } from '../canonical-json.ts'
import type { Workflow } from '../model.ts'
import { checkPlainJson } from '../plain-json.ts'
import type { ConnectionCommand, ConnectNodes, EditCommand } from './commands.ts'
import { nodeOf } from './decide-node.ts'

/** Outputs and inputs are numbered 0 to 999: an index is also a place in an array of the exported file. */
const maxIndex = 999

export const isConnectionCommand = (command: EditCommand): command is ConnectionCommand =>
  command.type === 'ConnectNodes' || command.type === 'DisconnectNodes'

export const decideConnection = (command: ConnectionCommand, workflow: Workflow): WorkflowEvent[] => {
  if (command.type === 'ConnectNodes') return connect(command, workflow)
  const exists = workflow.connections.some((edge) => edge.connectionId === command.connectionId)
  return exists ? [{ type: 'NodesDisconnected', data: { connectionId: command.connectionId } }] : []
}

/** An edge is unique by its two ends; connecting them again replaces its conditions and transform. */
const connect = (command: ConnectNodes, workflow: Workflow): WorkflowEvent[] => {
  const connection = connectionFrom(command, workflow)
  const existing = workflow.connections.find((edge) => sameEnds(edge, connection))
  if (existing && sameJson(existing.conditions, connection.conditions) && sameJson(existing.transform, connection.transform)) return []
  const others = workflow.connections.filter((edge) => edge !== existing)
  if (others.some((edge) => edge.connectionId === connection.connectionId))
    throw new WeConnectError('INVALID_INPUT', `the workflow has a connection ${connection.connectionId} already`)
  return [
    ...(existing ? [{ type: 'NodesDisconnected', data: { connectionId: existing.connectionId } } satisfies WorkflowEvent] : []),
    { type: 'NodesConnected', data: { connection } },
  ]
}

const connectionFrom = (command: ConnectNodes, workflow: Workflow): ConnectionData => {
  checkPlainJson(command.conditions ?? null, '$.conditions')
  checkPlainJson(command.transform ?? null, '$.transform')
  if (command.connectionId === '') throw new WeConnectError('INVALID_INPUT', 'the connection id is empty')
  return {
    connectionId: command.connectionId,
    sourceNodeId: nodeOf(workflow, command.sourceNodeId).nodeId,
    sourceOutput: portType(command.sourceOutput),
    sourceIndex: portIndex(command.sourceIndex),
    targetNodeId: nodeOf(workflow, command.targetNodeId).nodeId,
    targetInput: portType(command.targetInput),
    targetIndex: portIndex(command.targetIndex),
    ...(command.conditions !== undefined && { conditions: command.conditions }),
    ...(command.transform !== undefined && { transform: command.transform }),
  }
}

const portType = (type = 'main'): string => {
  if (!/^(main|ai_\w+)$/.test(type))
    throw new WeConnectError('INVALID_INPUT', `a connection is of type main or ai_*, not "${type.slice(0, 60)}"`)
  return type
}

const portIndex = (index = 0): number => {
  if (!Number.isInteger(index) || index < 0 || index > maxIndex)
    throw new WeConnectError('INVALID_INPUT', `an output or input is numbered 0 to ${maxIndex}, not ${index}`)
  return index
}

export const sameEnds = (left: ConnectionData, right: ConnectionData): boolean =>
  left.sourceNodeId === right.sourceNodeId &&
  left.sourceOutput === right.sourceOutput &&
  left.sourceIndex === right.sourceIndex &&
  left.targetNodeId === right.targetNodeId &&
  left.targetInput === right.targetInput &&
  left.targetIndex === right.targetIndex
