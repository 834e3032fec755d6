import { randomUUID } from 'node:crypto'
import { openBinaries } from '@weconnect/blobs/binaries'
import type { Engine } from '@weconnect/executions/engine'
import { type OpenedExecutions, openEngine, openExecutionsElsewhere } from '@weconnect/executions/open-engine'
import { openPeers } from '@weconnect/executions/peers'
import { openQueueDispatch, type QueueDispatch } from '@weconnect/executions/queue-dispatch'
import { openResultCache } from '@weconnect/executions/result-cache'
import { openSharedResultCache } from '@weconnect/executions/shared-result-cache'
import { openFolderFiles, parseFolders } from '@weconnect/files/folder-files'
import { openCodeRunners } from '@weconnect/nodes/code/runners'
import { joinMembership, type Membership } from '@weconnect/postgres/membership'
import { noteQueueDepth } from '@weconnect/projections/stores'
import { openSharedCache } from '@weconnect/redis/cache'
import { openResumeSignatures, type ResumeSignatures, resumeUrlOf } from '@weconnect/webhooks/resume-signature'
import { newId, newSeed } from '../owner/chance.ts'
import { after, clock, timer } from '../owner/clock.ts'
import type { Foundation } from './foundation.ts'
import type { Shared } from './shared.ts'

/** Where people and callers reach the product: known for good when it listens. */
export interface PublicAddress {
  url: string
}

export interface RunningExecutions extends OpenedExecutions {
  readonly signatures: ResumeSignatures
  /** Undefined where executions run elsewhere. */
  readonly engine: Engine | undefined
  /** Operations on many executions, done where there is an engine. */
  readonly operations?: readonly { start(): Promise<void>; close(): Promise<void> }[]
  /** Takes jobs from the queues from now on; undefined where executions run elsewhere. */
  readonly serve: (() => void) | undefined
  /** The engines of the log, where there may be several. */
  readonly membership: Membership | undefined
}

/** Milliseconds. Long enough that a busy machine is not taken for a dead one, short enough that another goes on with a dead one's executions within two seconds. */
const membershipTimes = { renewMs: 300, aliveMs: 1_200 }

const dependenciesOf = (foundation: Foundation, address: PublicAddress, signatures: ResumeSignatures) => {
  const { settings, closing, keyring, journal, store, workflows, registry, egress, mailer, credentials, blobs, report } = foundation
  const codeRunners = openCodeRunners({ after, now: clock.monotonicMs, cpuSecondsPerMinute: settings.codeCpuSeconds })
  closing.add(() => codeRunners.close())
  return {
    ...{ journal, store, workflows, registry, codeRunners, egress, credentials, mailer, clock, timer, newId, newSeed },
    binaries: openBinaries({ blobs, keyring }),
    files: openFolderFiles({ folders: parseFolders(settings.filesFolder) }),
    worker: randomUUID(),
    defaultTimezone: settings.timezone,
    concurrency: settings.concurrency,
    maxCrashes: settings.maxCrashes,
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
  shared: Shared,
): Promise<RunningExecutions & { readonly engine: Engine }> => {
  const { settings, closing, store, keyring, report } = foundation
  const signatures = openResumeSignatures(keyring.derive('resume'))
  const dispatch = dispatchOf(foundation, shared)
  const dependencies = { ...dependenciesOf(foundation, address, signatures), dispatch, cache: cacheOf(foundation, shared) }
  const { worker } = dependencies
  const serving = async <Opened extends { readonly engine: Engine }>(opened: Opened) => {
    const depth = () => {
      const { running, queued } = opened.engine.status()
      return { running, queued }
    }
    closing.add(await noteQueueDepth(settings.stores, worker, depth, { now: clock.now, after }))
    shared.countEngine(() => opened.engine.status())
    return { ...opened, signatures, serve: () => dispatch.serve(opened.engine) }
  }
  if (!settings.isShared) return { ...(await serving(openEngine(dependencies))), membership: undefined }
  const membership = await joinMembership(
    { database: settings.postgresUrl ?? '', group: `engines of ${store.logId}`, member: worker, ...membershipTimes },
    (error) => report(error, 'membership thread'),
  )
  closing.add(() => membership.close())
  const stopped = new AbortController()
  closing.add(() => stopped.abort())
  const peers = openPeers(worker, membership)
  return { ...(await serving(openEngine({ ...dependencies, beside: { peers, signal: stopped.signal } }))), membership }
}

/** Milliseconds between two looks for work that no queue knows of. */
const lookForWorkMs = 15_000

const dispatchOf = ({ closing, report }: Foundation, { queues, redis }: Shared): QueueDispatch =>
  openQueueDispatch({
    queues,
    // To itself a process hands over only what must not take the places of other executions.
    handsTo: (queue) => redis !== undefined || queue === 'notification',
    now: clock.now,
    every:
      redis &&
      ((call) => {
        const timer = setInterval(call, lookForWorkMs)
        closing.add(() => clearInterval(timer))
      }),
    onError: (error) => report(error, 'queues'),
  })

const cacheOf = ({ keyring }: Foundation, { redis }: Shared) =>
  redis && openSharedResultCache({ own: openResultCache(), shared: openSharedCache(redis.link, 'results'), key: keyring.derive('cache') })

/** The same in a process that has none: executions are asked for in the log. */
export const openExecutionsOfOthers = (foundation: Foundation, address: PublicAddress): RunningExecutions => {
  const signatures = openResumeSignatures(foundation.keyring.derive('resume'))
  const stopped = new AbortController()
  const dependencies = dependenciesOf(foundation, address, signatures)
  foundation.closing.add(() => stopped.abort())
  return {
    ...openExecutionsElsewhere(dependencies, stopped.signal),
    signatures,
    engine: undefined,
    serve: undefined,
    membership: undefined,
  }
}
