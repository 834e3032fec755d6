import { WeConnectError } from '@weconnect/contracts/errors'
import type { WorkflowEvent } from '@weconnect/contracts/events/workflow'
import { streamOf } from '@weconnect/contracts/ids'
import type { Journal } from '@weconnect/eventstore/journal'
import { absentWorkflow, evolve } from './decider/evolve.ts'
import type { Workflow } from './model.ts'

/** Revisions kept in memory: those that run, and a few that people look at. */
const rememberedRevisions = 500

/**
 * Workflows as they were at a revision, folded from the log and remembered: a revision never changes.
 * The answer throws WeConnectError NOT_FOUND when the stream has no such revision.
 */
export const openWorkflowHistory = (journal: Journal): ((workflowId: string, revision: number) => Promise<Workflow>) => {
  const remembered = new Map<string, Promise<Workflow>>()

  const fold = async (workflowId: string, revision: number): Promise<Workflow> => {
    let workflow = absentWorkflow
    for await (const event of journal.read(streamOf('workflow', workflowId), { limit: revision + 1 }))
      workflow = evolve(workflow, event as WorkflowEvent)
    if (revision < 0 || workflow.revision !== revision)
      throw new WeConnectError('NOT_FOUND', `workflow ${workflowId} has no revision ${revision}`)
    return workflow
  }

  const remember = (key: string, folding: Promise<Workflow>): Promise<Workflow> => {
    // A map keeps the order of insertion: what is asked for goes to its end, so its first key is the one longest unused.
    remembered.delete(key)
    remembered.set(key, folding)
    const [oldest] = remembered.keys()
    if (remembered.size > rememberedRevisions && oldest !== undefined) remembered.delete(oldest)
    return folding
  }

  return (workflowId, revision) => {
    const key = `${workflowId} ${revision}`
    const known = remembered.get(key)
    if (known) return remember(key, known)
    const folding = fold(workflowId, revision)
    folding.catch(() => remembered.delete(key))
    return remember(key, folding)
  }
}
