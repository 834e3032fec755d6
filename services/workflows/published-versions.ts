import { WeConnectError } from '@weconnect/contracts/errors'
import type { Workflow } from './model.ts'

/** Revision that holds a published version. @throws WeConnectError NOT_FOUND */
export const revisionOf = (workflow: Workflow, version: number): number => {
  const published = workflow.versions.get(version)
  if (!published) throw new WeConnectError('NOT_FOUND', `the workflow has no published version ${version}`)
  return published.revision
}
