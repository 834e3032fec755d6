import type { Documents } from '@weconnect/mongo/port'
import { pageOf } from '../paging/list-page.ts'
import { entriesOf, type RunLogDocument } from './documents.ts'
import { eventsPerPart, type RunLogs, type StepRow } from './face.ts'
import { runLogCollection } from './mongo-store.ts'
import { stepsOf } from './steps.ts'

/** The run logs that MongoDB keeps. */
export const mongoRunLogs = (documents: Documents): RunLogs => ({
  entries: async ({ organisationId, executionId, fromRevision = 0, limit = 5 }) => {
    const first = Math.floor(fromRevision / eventsPerPart)
    const parts = await partsOf(documents, { organisationId, executionId }, first, limit + 1)
    const found = parts.slice(0, limit).flatMap(entriesOf)
    return { entries: found.filter(({ revision }) => revision >= fromRevision), hasMore: parts.length > limit }
  },
  steps: async ({ organisationId, filter: { executionId, nodeId, status }, ...args }) => {
    const parts = await partsOf(documents, { organisationId, executionId }, 0, 0)
    const steps = stepsOf(executionId, parts.flatMap(entriesOf))
    const wanted = steps.filter(
      (step) => (nodeId === undefined || step.nodeId === nodeId) && (status === undefined || status.includes(step.status)),
    )
    return pageOf<StepRow>(wanted, ({ step }) => step, args)
  },
})

/** @param limit 0 = all */
const partsOf = (
  documents: Documents,
  match: { readonly organisationId: string; readonly executionId: string },
  first: number,
  limit: number,
): Promise<readonly RunLogDocument[]> =>
  documents.find<RunLogDocument>(runLogCollection, { ...match, part: { $gte: first } }, { sort: { part: 1 }, limit })
