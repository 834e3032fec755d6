import { openAuthenticatedEgress, referenceFor } from '@weconnect/connectors/authenticated-egress'
import type { Credentials } from '@weconnect/connectors/credentials'
import type { StepSecrets } from '@weconnect/connectors/journalling-egress'
import { journallingEgress } from '@weconnect/connectors/journalling-egress'
import type { CallEntry } from '@weconnect/connectors/recorded-call'
import type { Binaries } from '@weconnect/contracts/binaries'
import type { Files } from '@weconnect/contracts/files'
import type { JsonValue } from '@weconnect/contracts/json'
import type { Mailer } from '@weconnect/contracts/mail'
import type { Journal } from '@weconnect/eventstore/journal'
import type { EventStore } from '@weconnect/eventstore/port'
import type { Egress } from '@weconnect/http/egress'
import type { CodeRunners } from '@weconnect/nodes/code/runners'
import type { NodeRegistry } from '@weconnect/nodes/sdk/registry'
import type { Workflows } from '@weconnect/workflows/face'
import { BulkRunner } from './bulk/runner.ts'
import type { Dispatch } from './dispatch/dispatch.ts'
import { alone, type Peers } from './dispatch/peers.ts'
import { Engine } from './engine/engine.ts'
import { openExecutions } from './executions.ts'
import type { Executions } from './face.ts'
import { isoTime } from './iso-time.ts'
import { MigrationRunner } from './migration/runner.ts'
import type { CallSite, Calls, Clock, CodeRunner, EngineParts, ResultCache, Timer } from './parts.ts'
import { openItemMemories } from './remembering/item-memories.ts'
import { forkExecution } from './replay/fork-execution.ts'
import type { RecordedCalls } from './replay/recorded-outside.ts'
import type { Runs } from './requests/runs.ts'
import { openRunsElsewhere } from './requests/runs-elsewhere.ts'
import { isNotLoaded } from './scope/run-memory.ts'
import { nodePreparer } from './step/prepared-nodes.ts'
import { openResultCache } from './step/result-cache.ts'
import { openErrorWorkflows } from './sub-workflows/error-workflows.ts'
import { type LendPlace, openSubWorkflows } from './sub-workflows/sub-workflows.ts'

/** Raised when the way steps are run changes: it is recorded with every execution. */
const engineVersion = '1'

/** Milliseconds: as long as n8n lets a node wait between its tries. */
const longestWaitMs = 5_000

export interface EngineDependencies {
  readonly journal: Journal
  readonly store: EventStore
  readonly workflows: Workflows
  readonly registry: NodeRegistry
  readonly codeRunners: CodeRunners
  readonly egress: Pick<Egress, 'request'>
  readonly credentials: Credentials
  /** Bytes of the files that items carry. */
  readonly binaries: Binaries
  /** No mail when absent. */
  readonly mailer?: Mailer | undefined
  /** The files that nodes may use; none when absent. */
  readonly files?: Files
  readonly clock: Clock
  readonly timer: Timer
  /** Names this process in leases. */
  readonly worker: string
  readonly newId: () => string
  readonly newSeed: () => string
  /** IANA zone of workflows that name none. */
  readonly defaultTimezone: string
  /** Executions at a time that nobody waits for. */
  readonly concurrency: number
  /** Crashes of engines in a row that an execution was under way in, after which a person decides: two to suspect it, and some to be sure. */
  readonly maxCrashes: number
  /** Hands executions that nobody waits for to whichever engine is free; none when absent. */
  readonly dispatch?: Dispatch | undefined
  /** Results of nodes whose cache is on; of this process when absent. */
  readonly cache?: ResultCache | undefined
  /** Milliseconds that steps which must not be cut off have when the engine closes; 5000 when absent. */
  readonly drainMs?: number
  /** Share of an organisation where several wait for one thing, a whole number of at least 1; 1 for each when absent. */
  readonly weightOf?: (organisationId: string) => number
  /** Other engines on the same log; none when absent. When the signal aborts, nobody is told any more what they do. */
  readonly beside?: { readonly peers: Peers; readonly signal: AbortSignal }
  /** Where a person can see an execution; error workflows are told. */
  readonly executionUrl: (executionId: string) => string
  /** Address at which a call ends a wait of an execution. */
  readonly resumeUrl: (executionId: string) => string
  readonly onError: (error: unknown, executionId: string) => void
}

/** Executions for those who ask for them, and for those who look at them. */
export interface OpenedExecutions {
  readonly runs: Runs
  readonly executions: Executions
}

/** The engine and what other services may ask of it, put together. */
export const openEngine = (
  dependencies: EngineDependencies,
): OpenedExecutions & {
  readonly engine: Engine
  /** What is done with many executions. */
  readonly operations: readonly (BulkRunner | MigrationRunner)[]
} => {
  const { concurrency, drainMs = 5_000, beside, dispatch } = dependencies
  const { parts, recordedCalls } = partsOf(
    dependencies,
    () => engine,
    (executionId, work) => engine.lendPlace(executionId, work),
  )
  const common = commonOf(dependencies, parts)
  const engine: Engine = new Engine({
    ...common,
    concurrency,
    drainMs,
    dispatch,
    peers: beside?.peers ?? alone,
  })
  const runs = beside ? resumedAnywhere(engine, openRunsElsewhere({ ...common, signal: beside.signal })) : engine
  const bulk = new BulkRunner({
    ...common,
    peers: beside?.peers ?? alone,
    fork: (executionId, id, from, newest, context) => {
      const point = from === 'failedStep' ? from : {}
      const forking = { engine: runs, parts, workflows: dependencies.workflows, newId: () => id }
      return forkExecution(forking, executionId, { from: point, version: newest ? 'newest' : 'same' }, context)
    },
  })
  const migrations = new MigrationRunner({ ...common, peers: beside?.peers ?? alone })
  return {
    engine,
    runs,
    operations: [bulk, migrations],
    executions: openExecutions({ ...dependencies, engine: runs, parts, recordedCalls }),
  }
}

/** The same in a process that has no engine. @param signal when it aborts, nobody here is told any more how an execution ends */
export const openExecutionsElsewhere = (dependencies: EngineDependencies, signal: AbortSignal): OpenedExecutions => {
  const { parts, recordedCalls } = partsOf(
    dependencies,
    () => runs,
    (_executionId, work) => work(),
  )
  const runs: Runs = openRunsElsewhere({ ...commonOf(dependencies, parts), signal })
  return { runs, executions: openExecutions({ ...dependencies, engine: runs, parts, recordedCalls }) }
}

const commonOf = ({ store, weightOf = () => 1, onError }: EngineDependencies, parts: EngineParts) => ({ parts, store, weightOf, onError })

/** What waits may be another engine's to go on with: then the answer comes from the log. */
const resumedAnywhere = (engine: Engine, elsewhere: Runs): Runs => ({
  execute: (request) => engine.execute(request),
  take: (executionId) => engine.take(executionId),
  resume: elsewhere.resume,
  isRunning: (executionId) => engine.isRunning(executionId),
  status: () => engine.status(),
  endOf: (executionId, signal) => engine.endOf(executionId, signal),
  resultOf: (executionId, signal) => engine.resultOf(executionId, signal),
  bytesOf: (file, organisationId) => engine.bytesOf(file, organisationId),
  keepFile: (pieces, organisationId) => engine.keepFile(pieces, organisationId),
  windowOf: (executionId, organisationId) => engine.windowOf(executionId, organisationId),
  forkedFlow: (requested, content, organisationId) => engine.forkedFlow(requested, content, organisationId),
  slotWait: (executionId, flow) => engine.slotWait(executionId, flow),
})

const partsOf = (
  dependencies: EngineDependencies,
  engine: () => Runs,
  lendPlace: LendPlace,
): { readonly parts: EngineParts; readonly recordedCalls: RecordedCalls } => {
  const { journal, workflows, registry, egress, credentials, clock, timer } = dependencies
  const subWorkflows = openSubWorkflows({ engine, lendPlace, workflows, journal, logId: journal.logId, timer })
  const authenticated = openAuthenticatedEgress(egress, { credentials, now: clock.now, newNonce: dependencies.newSeed })
  const memories = openItemMemories(journal, timer)
  const calls = (site: CallSite, recorded?: JsonValue): Calls =>
    journallingEgress({
      egress: { request: (request, signal) => authenticated.request(request, site, signal) },
      files: dependencies.files,
      secrets: stepSecrets(credentials, site),
      mailer: dependencies.mailer,
      memory: (question, request, signal) => memories.ask(site, question, request, signal),
      site: effectSite(site),
      allow: site.allow,
      ...(recorded !== undefined && { recorded: recorded as unknown as readonly CallEntry[] }),
    })
  const parts: EngineParts = {
    journal,
    logId: journal.logId,
    clock,
    timer,
    code: codeRunner(dependencies.codeRunners),
    calls: (site) => calls(site),
    subWorkflows,
    errorWorkflows: openErrorWorkflows({
      engine,
      workflows,
      journal,
      executionUrl: dependencies.executionUrl,
      onError: dependencies.onError,
    }),
    cache: dependencies.cache ?? openResultCache(),
    longestWaitMs,
    binaries: dependencies.binaries,
    contentAt: (workflowId, revision) => workflows.contentAt(workflowId, revision),
    prepare: nodePreparer(registry),
    variables: () => ({}),
    startedAt: () => isoTime(clock.now()),
    defaultTimezone: dependencies.defaultTimezone,
    resumeUrl: dependencies.resumeUrl,
    worker: dependencies.worker,
    maxCrashes: dependencies.maxCrashes,
    engineVersion,
    newSeed: dependencies.newSeed,
  }
  return { parts, recordedCalls: (site, recorded) => calls(site, recorded ?? []) }
}

/** What a step may use: what its node refers to, of its own organisation. */
const stepSecrets = (credentials: Credentials, site: CallSite): StepSecrets => ({
  use: (type) => credentials.resolve(site.organisationId, type, referenceFor(type, site)),
  at: ({ id, revision }) => credentials.open(id, site.organisationId, revision),
})

const effectSite = ({ executionId, nodeId, runIndex, effectEpoch }: CallSite) => ({ executionId, nodeId, runIndex, effectEpoch })

const codeRunner = (runners: CodeRunners): CodeRunner => ({
  run: ({ load, ...run }) =>
    runners.run({
      ...run,
      whenMissing: async (thrown) => {
        if (!isNotLoaded(thrown)) return false
        await load(thrown.step)
        return true
      },
    }),
})
