import { randomUUID } from 'node:crypto'
import { openBinaries } from '@weconnect/blobs/binaries'
import type { Engine } from '@weconnect/executions/engine'
import { type OpenedExecutions, openEngine, openExecutionsElsewhere } from '@weconnect/executions/open-engine'
import { openPeers } from '@weconnect/executions/peers'
import { openFolderFiles, parseFolders } from '@weconnect/files/folder-files'
import { openCodeRunners } from '@weconnect/nodes/code/runners'
import { joinMembership, type Membership } from '@weconnect/postgres/membership'
import { noteQueueDepth } from '@weconnect/projections/stores'
import { openResumeSignatures, type ResumeSignatures, resumeUrlOf } from '@weconnect/webhooks/resume-signature'
import { newId, newSeed } from '../owner/chance.ts'
import { after, clock, timer } from '../owner/clock.ts'
import type { Foundation } from './foundation.ts'

/** Where people and callers reach the product: known for good when it listens. */
export interface PublicAddress {
  url: string
}

export interface RunningExecutions extends OpenedExecutions {
  readonly signatures: ResumeSignatures
  /** Undefined where executions run elsewhere. */
  readonly engine: Engine | undefined
  /** Operations on many executions, done where there is an engine. */
  readonly bulk?: { start(): Promise<void>; close(): Promise<void> }
  /** The engines of the log, where there may be several. */
  readonly membership: Membership | undefined
}

/** Milliseconds. Long enough that a busy machine is not taken for a dead one, short enough that nobody waits long for a dead one's executions. */
const membershipTimes = { renewMs: 500, aliveMs: 3_000 }

const dependenciesOf = (foundation: Foundation, address: PublicAddress, signatures: ResumeSignatures) => {
  const { settings, closing, keyring, journal, store, workflows, registry, egress, mailer, credentials, blobs, report } = foundation
  const codeRunners = openCodeRunners({ after })
  closing.add(() => codeRunners.close())
  return {
    ...{ journal, store, workflows, registry, codeRunners, egress, credentials, mailer, clock, timer, newId, newSeed },
    binaries: openBinaries({ blobs, keyring }),
    files: openFolderFiles({ folders: parseFolders(settings.filesFolder) }),
    worker: randomUUID(),
    defaultTimezone: settings.timezone,
    concurrency: settings.concurrency,
    weightOf: (organisationId: string) => settings.fairnessWeights.get(organisationId) ?? 1,
    resumeUrl: (executionId: string) => resumeUrlOf(address.url, executionId, signatures),
    executionUrl: (executionId: string) => `${address.url}/execution/${executionId}`,
    onError: (error: unknown, executionId: string) => report(error, `execution ${executionId}`),
  }
}

/** Executions, and what they run on, in a process that has an engine: alone on its log, or beside others when keys and stores are shared. */
export const openExecutionsHere = async (
  foundation: Foundation,
  address: PublicAddress,
): Promise<RunningExecutions & { readonly engine: Engine }> => {
  const { settings, closing, store, keyring, report } = foundation
  const signatures = openResumeSignatures(keyring.derive('resume'))
  const dependencies = dependenciesOf(foundation, address, signatures)
  const { worker } = dependencies
  const noted = <Opened extends { readonly engine: Engine }>(opened: Opened): Opened => {
    const depth = () => {
      const { running, queued } = opened.engine.status()
      return { running, queued }
    }
    closing.add(noteQueueDepth(settings.stores, worker, depth, { now: clock.now, after }))
    return opened
  }
  if (settings.masterKey === undefined) return { ...noted(openEngine(dependencies)), signatures, membership: undefined }
  const membership = await joinMembership(
    { database: settings.postgresUrl ?? '', group: `engines of ${store.logId}`, member: worker, ...membershipTimes },
    (error) => report(error, 'membership thread'),
  )
  closing.add(() => membership.close())
  const stopped = new AbortController()
  closing.add(() => stopped.abort())
  const peers = openPeers(worker, membership.alive)
  return { ...noted(openEngine({ ...dependencies, beside: { peers, signal: stopped.signal } })), signatures, membership }
}

/** The same in a process that has none: executions are asked for in the log. */
export const openExecutionsOfOthers = (foundation: Foundation, address: PublicAddress): RunningExecutions => {
  const signatures = openResumeSignatures(foundation.keyring.derive('resume'))
  const stopped = new AbortController()
  const dependencies = dependenciesOf(foundation, address, signatures)
  foundation.closing.add(() => stopped.abort())
  return { ...openExecutionsElsewhere(dependencies, stopped.signal), signatures, engine: undefined, membership: undefined }
}
