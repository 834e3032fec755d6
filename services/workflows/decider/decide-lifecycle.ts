import { type Problem, WeConnectError } from '@weconnect/contracts/errors'
import type { WorkflowEvent } from '@weconnect/contracts/events/workflow'
import { contentHash } from '../canonical-json.ts'
import type { Workflow } from '../model.ts'
import type { ActivateWorkflow, LifecycleCommand } from './commands.ts'
import type { FindProblems } from './decide.ts'

export const decideLifecycle = (command: LifecycleCommand, workflow: Workflow, findProblems: FindProblems): WorkflowEvent[] => {
  switch (command.type) {
    case 'PublishWorkflow':
      return publish(workflow, findProblems, command.note)
    case 'ActivateWorkflow':
      return activate(command, workflow, findProblems)
    case 'DeactivateWorkflow':
      return workflow.status === 'active' ? [{ type: 'WorkflowDeactivated', data: {} }] : []
    case 'ArchiveWorkflow':
      return archive(workflow)
    case 'RestoreWorkflow':
      return workflow.status === 'archived' ? [{ type: 'WorkflowRestored', data: {} }] : []
  }
}

/** A new version, unless the newest has this content already. @throws WeConnectError WORKFLOW_INVALID with every problem */
const publish = (workflow: Workflow, findProblems: FindProblems, note: string | undefined): WorkflowEvent[] => {
  const hash = contentHash(workflow)
  if (hash === workflow.publishedHash) return []
  const problems = findProblems(workflow)
  if (problems.length > 0) throw invalidWorkflow(workflow, problems)
  return [{ type: 'WorkflowPublished', data: { version: workflow.version + 1, contentHash: hash, ...(note !== undefined && { note }) } }]
}

const activate = (command: ActivateWorkflow, workflow: Workflow, findProblems: FindProblems): WorkflowEvent[] => {
  if (command.version !== undefined && !workflow.versions.has(command.version))
    throw new WeConnectError('NOT_FOUND', `the workflow has no published version ${command.version}`)
  const published = command.version === undefined ? publish(workflow, findProblems, undefined) : []
  const version = command.version ?? workflow.version + published.length
  if (workflow.status === 'active' && workflow.activeVersion === version) return published
  return [...published, { type: 'WorkflowActivated', data: { version } }]
}

/** An archived workflow has no live triggers: an active one is deactivated by the same append. */
const archive = (workflow: Workflow): WorkflowEvent[] => {
  if (workflow.status === 'archived') return []
  const deactivated: WorkflowEvent[] = workflow.status === 'active' ? [{ type: 'WorkflowDeactivated', data: {} }] : []
  return [...deactivated, { type: 'WorkflowArchived', data: {} }]
}

const invalidWorkflow = (workflow: Workflow, problems: readonly Problem[]): WeConnectError =>
  new WeConnectError(
    'WORKFLOW_INVALID',
    `"${workflow.name}" has ${problems.length === 1 ? 'a problem' : `${problems.length} problems`}: ${problems
      .slice(0, 5)
      .map(({ node, message }) => (node === undefined ? message : `${node}: ${message}`))
      .join('; ')}${problems.length > 5 ? ' ...' : ''}`,
    { problems },
  )
