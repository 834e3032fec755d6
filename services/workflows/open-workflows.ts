import type { Context } from '@weconnect/contracts/envelope'
import { WeConnectError } from '@weconnect/contracts/errors'
import type { WorkflowEvent } from '@weconnect/contracts/events/workflow'
import { streamOf } from '@weconnect/contracts/ids'
import type { JsonValue } from '@weconnect/contracts/json'
import { commandHandler } from '@weconnect/eventstore/command-handler'
import type { Journal } from '@weconnect/eventstore/journal'
import type { NodeRegistry } from '@weconnect/nodes/sdk/registry'
import { liveTriggers } from './activation.ts'
import type { ImportWorkflow, WorkflowCommand } from './decider/commands.ts'
import { importEvents, workflowDecider } from './decider/decide.ts'
import { absentWorkflow, evolve } from './decider/evolve.ts'
import type { CredentialLookup, Handled, ImportReport, TriggerRegistrar, Workflows } from './face.ts'
import { isUnseen, type Workflow, type WorkflowContent } from './model.ts'
import { exportN8n } from './n8n/export-n8n.ts'
import { type ParsedWorkflow, parseN8nFile } from './n8n/import-n8n.ts'
import { importParts } from './n8n/import-parts.ts'
import { importNotes, problemNotes } from './n8n/import-report.ts'
import { openImportedIds } from './n8n/imported-ids.ts'
import { revisionOf } from './published-versions.ts'
import { findProblems } from './validation/validate.ts'
import type { ParseExpression } from './validation/validate-parameters.ts'
import { openWorkflowHistory } from './workflow-history.ts'
import { openWorkflowLinks } from './workflow-links.ts'

export interface WorkflowParts {
  readonly journal: Journal
  readonly registry: NodeRegistry
  readonly triggers: TriggerRegistrar
  readonly credentials: CredentialLookup
  readonly parseExpression: ParseExpression
  /** Lower-case UUID. */
  readonly newId: () => string
}

export const openWorkflows = ({ journal, registry, triggers, credentials, parseExpression, newId }: WorkflowParts): Workflows => {
  const problems = (content: WorkflowContent) => findProblems(content, { registry, parseExpression })
  const decide = workflowDecider(problems)
  const execute = commandHandler<WorkflowCommand, Workflow, WorkflowEvent>({
    journal,
    decide,
    evolve,
    initial: absentWorkflow,
    streamOf: ({ workflowId }) => streamOf('workflow', workflowId),
  })
  const workflowAt = openWorkflowHistory(journal)

  const run = async (command: WorkflowCommand, context: Context): Promise<Handled> => {
    if (command.organisationId !== context.organisationId) throw notFound(command.workflowId)
    const { state, head, token } = await execute(command, context)
    if (!token) throw notFound(command.workflowId)
    return { workflowId: command.workflowId, revision: head.revision, token, workflow: state }
  }

  const load = async (workflowId: string, organisationId: string) => {
    const { state, head } = await execute.load(streamOf('workflow', workflowId))
    if (isUnseen(state) || state.organisationId !== organisationId) throw notFound(workflowId)
    return { workflow: state, revision: head.revision }
  }

  const { activate, switchOff } = liveTriggers({ run, load, decide, workflowAt, triggers })

  const links = openWorkflowLinks({ importedIds: openImportedIds(journal), load, run })

  const handle = (command: WorkflowCommand, context: Context): Promise<Handled> => {
    if (command.type === 'ActivateWorkflow') return activate(command, context)
    if (command.type === 'DeactivateWorkflow' || command.type === 'ArchiveWorkflow') return switchOff(command, context)
    return run(command, context)
  }

  const isLinked =
    ({ organisationId }: Context) =>
    (type: string, reference: JsonValue) =>
      credentials.isKnown(organisationId, type, reference)

  const importOne = async (parsed: ParsedWorkflow, workflowId: string, context: Context): Promise<ImportReport> => {
    const { content } = parsed
    const command: ImportWorkflow = { type: 'ImportWorkflow', workflowId, organisationId: context.organisationId, ...content }
    const [first, ...more] = importParts(importEvents(command))
    let handled = await run(first === undefined ? command : { ...command, part: first }, context)
    for (const part of more) handled = await run({ ...command, part }, context)
    const counts = { nodes: content.nodes.length, connections: content.connections.length }
    return {
      ...handled,
      name: content.name,
      ...counts,
      notes: [
        ...(await importNotes(parsed, registry, isLinked(context))),
        ...problemNotes(problems({ ...content, workflowId, nodes: handled.workflow.nodes })),
      ],
    }
  }

  return {
    handle,
    load,
    contentAt: workflowAt,
    problems,
    importWorkflows: async (file, context, options = {}) => {
      const reports: ImportReport[] = []
      // Everything is parsed before anything is written: a file that is wrong in its last workflow leaves no trace.
      const parsed = parseN8nFile(file, newId, options.nameWhenAbsent)
      const ids = parsed.map(() => newId())
      for (const [index, workflow] of (await links.linked(parsed, ids, context)).entries()) {
        const report = await importOne(workflow, ids[index]!, context)
        reports.push({ ...report, notes: [...report.notes, ...(await links.announce(workflow, ids[index]!, context))] })
      }
      return reports
    },
    exportWorkflow: async (workflowId, organisationId, version) => {
      const { workflow } = await load(workflowId, organisationId)
      const content = version === undefined ? workflow : await workflowAt(workflowId, revisionOf(workflow, version))
      return links.exported(exportN8n(content), organisationId)
    },
  }
}

const notFound = (workflowId: string): WeConnectError => new WeConnectError('NOT_FOUND', `no workflow ${workflowId}`)
