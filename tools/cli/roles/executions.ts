import { randomUUID } from 'node:crypto'
import { openBinaries } from '@weconnect/blobs/binaries'
import { openEngine } from '@weconnect/executions/open-engine'
import { openFolderFiles, parseFolders } from '@weconnect/files/folder-files'
import { openCodeRunners } from '@weconnect/nodes/code/runners'
import { openResumeSignatures, type ResumeSignatures, resumeUrlOf } from '@weconnect/webhooks/resume-signature'
import { newId, newSeed } from '../owner/chance.ts'
import { after, clock, timer } from '../owner/clock.ts'
import type { Foundation } from './foundation.ts'

/** Where people and callers reach the product: known for good when it listens. */
export interface PublicAddress {
  url: string
}

export type RunningExecutions = ReturnType<typeof openEngine> & { readonly signatures: ResumeSignatures }

/** Executions, and what they run on. */
export const openExecutions = (foundation: Foundation, address: PublicAddress): RunningExecutions => {
  const { settings, closing, keyring, journal, store, workflows, registry, egress, mailer, credentials, blobs, report } = foundation
  const codeRunners = openCodeRunners({ after })
  closing.add(() => codeRunners.close())
  const signatures = openResumeSignatures(keyring.derive('resume'))
  const opened = openEngine({
    ...{ journal, store, workflows, registry, codeRunners, egress, credentials, mailer, clock, timer, newId, newSeed },
    binaries: openBinaries({ blobs, keyring }),
    files: openFolderFiles({ folders: parseFolders(settings.filesFolder) }),
    worker: randomUUID(),
    defaultTimezone: settings.timezone,
    concurrency: settings.concurrency,
    weightOf: (organisationId) => settings.fairnessWeights.get(organisationId) ?? 1,
    resumeUrl: (executionId) => resumeUrlOf(address.url, executionId, signatures),
    executionUrl: (executionId) => `${address.url}/execution/${executionId}`,
    onError: (error, executionId) => report(error, `execution ${executionId}`),
  })
  return { ...opened, signatures }
}
