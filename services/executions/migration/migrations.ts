import type { Context } from '@weconnect/contracts/envelope'
import { WeConnectError } from '@weconnect/contracts/errors'
import type { Workflows } from '@weconnect/workflows/face'
import type { WorkflowContent } from '@weconnect/workflows/model'
import type { Executions } from '../face.ts'
import type { EngineParts } from '../parts.ts'
import type { ExecutionStatus } from '../view/face.ts'
import type { MigrationPlan, MigrationRequest } from './face.ts'
import { mapNodes, refuseUnknown } from './node-map.ts'
import { type Checked, openCheck, standsAt, type Target } from './participants.ts'
import { migrationView, readMigration, tellMigration } from './recorded.ts'

export interface MigrationsOptions {
  readonly parts: EngineParts
  readonly workflows: Workflows
  readonly newId: () => string
}

/** What people may ask of migrations. */
export const openMigrations = ({
  parts,
  workflows,
  newId,
}: MigrationsOptions): Pick<Executions, 'planMigration' | 'migrate' | 'migration'> => {
  const targetOf = async (request: MigrationRequest, organisationId: string): Promise<Target> => {
    const { workflowId, fromVersion, toVersion, nodes } = request
    const { workflow, revision } = await workflows.load(workflowId, organisationId)
    const published = workflow.versions.get(toVersion)
    if (!published) throw new WeConnectError('NOT_FOUND', `The workflow has no version ${toVersion}`)
    if (fromVersion === toVersion) throw new WeConnectError('INVALID_INPUT', `Executions of version ${toVersion} are there already`)
    if (fromVersion && !workflow.versions.has(fromVersion))
      throw new WeConnectError('NOT_FOUND', `The workflow has no version ${fromVersion}`)
    const sources = fromVersion
      ? [workflow.versions.get(fromVersion)?.revision ?? revision]
      : [...[...workflow.versions.values()].map((version) => version.revision), revision]
    const contentOf = (at: number): Promise<WorkflowContent> => parts.contentAt(workflowId, at)
    refuseUnknown(nodes.length > 0 ? await Promise.all(sources.map(contentOf)) : [], nodes)
    const to = await contentOf(published.revision)
    mapNodes(to, to, nodes)
    return { workflowId, toVersion, toRevision: published.revision, nodes, ...(fromVersion !== undefined && { fromVersion }) }
  }

  return {
    planMigration: async (request, organisationId) => {
      const target = await targetOf(request, organisationId)
      const check = openCheck(parts, target, organisationId)
      const executions: MigrationPlan['executions'][number][] = []
      const revisions = new Map<number, number>()
      for (const executionId of new Set(request.executionIds)) {
        const checked = await check(executionId)
        executions.push(plannedOf(executionId, checked))
        const { requested } = checked.recorded.state
        if (checked.place && requested) revisions.set(requested.workflowRevision, requested.workflowVersion)
      }
      return { toVersion: target.toVersion, executions, versions: await versionsOf(parts, target, revisions) }
    },
    migrate: async (request, context: Context) => {
      const target = await targetOf(request, context.organisationId)
      const { executionIds, reason } = request
      const id = newId()
      const command = { type: 'RequestMigration', ...target, executionIds, ...(reason !== undefined && { reason }) } as const
      await tellMigration(parts.journal, await readMigration(parts.journal, id), command, context)
      return migrationView(parts.journal, id, context.organisationId)
    },
    migration: (id, organisationId) => migrationView(parts.journal, id, organisationId),
  }
}

/** Of an execution that is not theirs, people learn no more than that. */
const plannedOf = (executionId: string, { recorded, problems, place }: Checked): MigrationPlan['executions'][number] => ({
  executionId,
  fromVersion: (place && recorded.state.requested?.workflowVersion) ?? 0,
  status: place ? (recorded.state.status as ExecutionStatus) : 'absent',
  standsAt: place ? standsAt(recorded) : [],
  blockers: problems.map((problem) => ({ executionId, ...problem })),
})

const versionsOf = async (
  parts: EngineParts,
  { workflowId, toRevision, nodes }: Target,
  revisions: ReadonlyMap<number, number>,
): Promise<MigrationPlan['versions']> => {
  const to = await parts.contentAt(workflowId, toRevision)
  return Promise.all(
    [...revisions]
      .filter(([revision]) => revision !== toRevision)
      .sort(([a], [b]) => a - b)
      .map(async ([revision, version]) => {
        const from = await parts.contentAt(workflowId, revision)
        const map = mapNodes(from, to, nodes)
        return { version, nodes: from.nodes.map(({ nodeId, name }) => ({ from: name, to: map.get(nodeId)?.name ?? null })) }
      }),
  )
}
