import { type Problem, WeConnectError } from '@weconnect/contracts/errors'
import type { WorkflowEvent } from '@weconnect/contracts/events/workflow'
import { WorkflowId } from '@weconnect/contracts/ids'
import { isUnseen, type Workflow, type WorkflowContent } from '../model.ts'
import type { CreateWorkflow, EditCommand, ImportWorkflow, WorkflowCommand } from './commands.ts'
import { decideConnection, isConnectionCommand } from './decide-connection.ts'
import { decideDetail, isDetailCommand } from './decide-detail.ts'
import { decideLifecycle } from './decide-lifecycle.ts'
import { decideNode, isNodeCommand } from './decide-node.ts'
import { checkedName, checkedSettings, checkedTags } from './field-checks.ts'

/** What a publish needs to know of the content. */
export type FindProblems = (content: WorkflowContent) => readonly Problem[]

/**
 * The decider of the workflow aggregate: says what a command does to a workflow, or refuses it. Pure; nothing to do = [].
 * @throws WeConnectError NOT_FOUND, STALE_EXPECTED_VERSION, INVALID_STATE, INVALID_INPUT, NAME_TAKEN, WORKFLOW_INVALID
 */
export const workflowDecider =
  (findProblems: FindProblems) =>
  (command: WorkflowCommand, workflow: Workflow): WorkflowEvent[] => {
    if (command.type === 'CreateWorkflow' || command.type === 'ImportWorkflow') {
      if (workflow.status !== statusBefore(command))
        throw new WeConnectError('INVALID_STATE', `workflow ${command.workflowId} exists already`)
      return command.type === 'CreateWorkflow' ? create(command) : importPart(command)
    }
    checkTarget(command, workflow)
    return decideEdit(command, workflow, findProblems)
  }

/** A later part of an import follows the first. */
const statusBefore = (command: CreateWorkflow | ImportWorkflow): Workflow['status'] =>
  command.type === 'ImportWorkflow' && command.part !== undefined && command.part.from > 0 ? 'importing' : 'absent'

const decideEdit = (command: EditCommand, workflow: Workflow, findProblems: FindProblems): WorkflowEvent[] => {
  if (isNodeCommand(command)) return decideNode(command, workflow)
  if (isConnectionCommand(command)) return decideConnection(command, workflow)
  if (isDetailCommand(command)) return decideDetail(command, workflow)
  return decideLifecycle(command, workflow, findProblems)
}

const checkTarget = (command: EditCommand, workflow: Workflow): void => {
  // Another organisation's workflow is answered as one that does not exist: its existence is nobody else's business.
  if (isUnseen(workflow) || workflow.organisationId !== command.organisationId)
    throw new WeConnectError('NOT_FOUND', `no workflow ${command.workflowId}`)
  if (command.expectedVersion !== undefined && command.expectedVersion !== workflow.revision)
    throw new WeConnectError(
      'STALE_EXPECTED_VERSION',
      `the workflow is at version ${workflow.revision}, the edit was made against ${command.expectedVersion}: load it again and repeat the edit`,
    )
  if (workflow.status === 'archived' && command.type !== 'RestoreWorkflow' && command.type !== 'ArchiveWorkflow')
    throw new WeConnectError('INVALID_STATE', 'the workflow is archived: restore it first')
}

const create = (command: CreateWorkflow): WorkflowEvent[] => [
  {
    type: 'WorkflowCreated',
    data: {
      workflowId: WorkflowId(command.workflowId),
      organisationId: command.organisationId,
      name: checkedName(command.name, 'name of a workflow'),
      ...(command.description !== undefined && { description: command.description }),
      ...(command.category !== undefined && { category: command.category }),
      tags: checkedTags(command.tags ?? []),
      settings: { executionOrder: 'parallel', ...checkedSettings(command.settings ?? {}) },
      source: command.source ?? 'created',
    },
  },
]

const importPart = (command: ImportWorkflow): WorkflowEvent[] => {
  const { part, nodes, connections } = command
  const events = importEvents(command)
  if (part === undefined) return events
  const finished: WorkflowEvent = { type: 'WorkflowImported', data: { nodes: nodes.length, connections: connections.length } }
  return [...events.slice(part.from, part.to), ...(part.last ? [finished] : [])]
}

/** Everything that an import appends, in order. */
export const importEvents = (command: ImportWorkflow): WorkflowEvent[] => [
  {
    type: 'WorkflowCreated',
    data: {
      workflowId: WorkflowId(command.workflowId),
      organisationId: command.organisationId,
      name: command.name,
      ...(command.description !== undefined && { description: command.description }),
      tags: command.tags,
      settings: command.settings,
      source: 'imported',
      imported: command.imported,
      ...(command.part !== undefined && { inParts: true }),
    },
  },
  ...command.nodes.map((node): WorkflowEvent => ({ type: 'NodeAdded', data: { node } })),
  ...command.connections.map((connection): WorkflowEvent => ({ type: 'NodesConnected', data: { connection } })),
  ...(command.pinData === undefined ? [] : [{ type: 'PinDataChanged', data: { pinData: command.pinData } } satisfies WorkflowEvent]),
]
