import type { WriteToken } from '@weconnect/contracts/envelope'
import { isWeConnectError, WeConnectError } from '@weconnect/contracts/errors'
import type { ExecutionRequested } from '@weconnect/contracts/events/execution'
import type { JsonValue } from '@weconnect/contracts/json'
import type { EventStore, WorkRow } from '@weconnect/eventstore/port'
import { type FlowControl, parseFlowControl } from '@weconnect/flow/declaration'
import { type Demand, demandsOf, type Flow, type FlowFacts, flowOf, gatheringOf, priorityOf } from '@weconnect/flow/demands'
import type { Window } from '@weconnect/flow/gathering-state'
import { type Gathered, Gatherings } from '@weconnect/flow/gatherings'
import type { Claimant, SlotWait } from '@weconnect/flow/slot-parts'
import { Slots } from '@weconnect/flow/slots'
import type { WorkflowContent } from '@weconnect/workflows/model'
import type { Execution } from '../decider/state.ts'
import { isoTime } from '../iso-time.ts'
import type { EngineParts } from '../parts.ts'
import type { ExecuteRequest } from '../requests/execution-start.ts'
import { cancelFor } from '../stream/cancel-for.ts'
import { executionStream, type RecordedExecution, readExecution } from '../stream/recorded.ts'
import { Timers } from '../waits/timers.ts'
import { standingOf } from './standing.ts'

/** What the gate asks of the engine. */
export interface GateOptions {
  readonly parts: EngineParts
  readonly store: Pick<EventStore, 'read' | 'logId'>
  readonly weightOf: (organisationId: string) => number
  /** Goes on with an execution whose turn has come. */
  readonly goOn: (executionId: string, priority: number) => void
  readonly isHere: (executionId: string) => boolean
  /** Asks for an execution of what was gathered. */
  readonly execute: (request: ExecuteRequest) => Promise<unknown>
  readonly onError: (error: unknown, executionId: string) => void
}

/** What was decided about a new execution before anybody knows of it. */
export interface Admitted {
  readonly flow: Flow | undefined
  readonly priority: number
  /** Whether it may run now; else it waits for its turn. */
  readonly granted: boolean
  /** It was put aside, and will be part of this execution. */
  readonly gathered?: { readonly executionId: string; readonly token: WriteToken }
}

type Requested = ExecutionRequested['data']

/** Who gives the execution its id asks again when the answer is lost: then it exists, and neither takes another's place nor is turned away. */
const mayBeRepeated = ({ trigger, deliveryId, isGathered }: ExecuteRequest): boolean =>
  !isGathered && (trigger !== 'webhook' || deliveryId !== undefined)

/** What stands between an execution and its run when its workflow declares flow control. Workflows that declare nothing never come here. */
export class FlowGate {
  readonly #options: GateOptions
  readonly #slots: Slots
  readonly #gatherings: Gatherings
  readonly #declared = new WeakMap<WorkflowContent, { readonly flow: FlowControl | undefined }>()

  constructor(options: GateOptions) {
    const { parts, weightOf, goOn, isHere, onError } = options
    this.#options = options
    this.#slots = new Slots({
      journal: parts.journal,
      now: parts.clock.now,
      alarms: (fire) => new Timers(parts.clock, parts.timer, fire),
      worker: parts.worker,
      weightOf,
      standing: async (executionId) => standingOf(await readExecution(parts.journal, executionId)),
      granted: goOn,
      preempted: (executionId, by) => cancelFor(parts.journal, executionId, by),
      isHere,
      onError,
    })
    this.#gatherings = new Gatherings({
      journal: { ...parts.journal, logId: options.store.logId },
      now: parts.clock.now,
      alarms: (fire) => new Timers(parts.clock, parts.timer, fire),
      begin: (gathered) => this.#beginGathered(gathered),
      onError,
    })
  }

  /** @param isAlone there is no other engine on this log */
  async start(rows: readonly WorkRow[], isAlone: boolean): Promise<void> {
    await this.#slots.start(rows, isAlone)
    await this.#gatherings.start(rows)
  }

  /** Beside others, asked now and then: what was gathered, and slots, of processes that may be gone. */
  async lookAgain(rows: readonly WorkRow[]): Promise<void> {
    await this.#gatherings.start(rows)
    await this.#slots.lookAgain(rows)
  }

  close(): void {
    this.#slots.close()
    this.#gatherings.close()
  }

  /** @throws WeConnectError INVALID_INPUT */
  declares(content: WorkflowContent): FlowControl | undefined {
    const known = this.#declared.get(content)
    if (known) return known.flow
    const flow = parseFlowControl(content.settings)
    this.#declared.set(content, { flow })
    return flow
  }

  /**
   * Asks for everything that a new execution must hold.
   * @throws WeConnectError RATE_LIMITED, QUEUE_FULL, EXECUTION_SKIPPED: it does not come to be; REVISION_CONFLICT: it exists already
   */
  async admit(flow: FlowControl, request: ExecuteRequest, content: WorkflowContent): Promise<Admitted> {
    const { executionId, workflowId } = request
    const { organisationId } = request.context
    if (mayBeRepeated(request)) await this.#refuseRepeated(executionId)
    const facts = this.#factsOf(request, content, organisationId)
    const priority = priorityOf(flow.priority, facts)
    const all = await this.#withoutInherited(demandsOf(flow, facts), request)
    const who = { executionId, workflowId, organisationId, epoch: 1, priority, requestedAt: facts.now }
    const gathering = request.isGathered ? undefined : this.#gatheringOf(flow, facts, request)
    if (gathering) return this.#gather(gathering, who, all, request)
    const demands = request.isGathered ? all.filter(({ kind }) => kind !== 'rateLimit').map(({ queue: _, ...demand }) => demand) : all
    if (demands.length === 0) return { flow: undefined, priority, granted: true }
    return { flow: { slots: demands }, priority, granted: await this.#slots.acquire(who, demands, true) }
  }

  /** Only what nobody waits for is put aside: webhooks and schedules. */
  #gatheringOf(flow: FlowControl, facts: FlowFacts, { trigger, triggerNode }: ExecuteRequest): ReturnType<typeof gatheringOf> {
    return facts.isFromOutside && trigger !== 'api' ? gatheringOf(flow, facts, triggerNode) : undefined
  }

  async #gather(
    { id, gathers }: NonNullable<ReturnType<typeof gatheringOf>>,
    who: Claimant,
    demands: readonly Demand[],
    request: ExecuteRequest,
  ): Promise<Admitted> {
    const rates = demands.filter(({ kind }) => kind === 'rateLimit')
    await this.#slots.acquire(who, rates, true)
    const { executionId: arrivalId, workflowId, workflowVersion, workflowRevision, trigger, triggerNode, deliveryId } = request
    const arrival = {
      ...{ arrivalId, workflowId, workflowVersion, workflowRevision, trigger },
      input: request.input as unknown as JsonValue,
      ...(triggerNode !== undefined && { triggerNode }),
      ...(deliveryId !== undefined && { deliveryId }),
    }
    try {
      const gathered = await this.#gatherings.gather(id, arrival, gathers, request.context)
      return { flow: undefined, priority: who.priority, granted: false, gathered }
    } catch (error) {
      await this.#slots.withdraw(arrivalId, who.organisationId, rates)
      throw error
    }
  }

  async #beginGathered({ executionId, organisationId, actor, arrival, input }: Gathered): Promise<void> {
    const { workflowId, workflowVersion, workflowRevision, trigger, triggerNode, deliveryId } = arrival
    try {
      await this.#options.execute({
        ...{ executionId, workflowId, workflowVersion, workflowRevision, triggerNode, deliveryId, input },
        trigger: trigger as ExecuteRequest['trigger'],
        answer: 'immediately',
        isGathered: true,
        context: { actor, organisationId, correlationId: executionId, causationId: executionId },
      })
    } catch (error) {
      // It is in the log already, or a singleton has no place for it.
      if (!isWeConnectError(error, 'REVISION_CONFLICT') && !isWeConnectError(error, 'EXECUTION_SKIPPED')) throw error
    }
  }

  /** What an execution that is still put aside waits for. */
  windowOf(executionId: string, organisationId: string): Promise<Window | undefined> {
    return this.#gatherings.windowOf(executionId, organisationId)
  }

  /** What an execution that was made otherwise (a fork) has to hold when it is taken up: what is open to all, and no pace. */
  forkedFlow(requested: Requested, content: WorkflowContent, organisationId: string): Pick<Requested, 'flow' | 'priority'> {
    const flow = this.declares(content)
    if (!flow) return {}
    const facts = this.#factsOf(
      { ...requested, input: requested.input as unknown as ExecuteRequest['input'], trigger: 'manual' },
      content,
      organisationId,
    )
    const slots = demandsOf(flow, facts).filter(({ periodMs }) => periodMs === 0)
    return { priority: priorityOf(flow.priority, facts), ...(slots.length > 0 && { flow: { slots } as unknown as JsonValue }) }
  }

  /** Asks again for what an execution must hold with its next epoch. @returns whether it may go on; else `goOn` is called when it is worth asking again */
  acquire({ state, context }: RecordedExecution, requested: Requested): Promise<boolean> {
    const flow = flowOf(requested.flow)
    if (!flow) return Promise.resolve(true)
    const { executionId, workflowId, priority = 3 } = requested
    const { organisationId } = context
    const requestedAt = state.requestedAt ?? isoTime(this.#options.parts.clock.now())
    const who = { executionId, workflowId, organisationId, epoch: state.epoch + 1, priority, requestedAt }
    return this.#slots.acquire(who, flow.slots, false)
  }

  /** An execution has ended or waits: it holds nothing any more. @param isGivenUp it was about to go on here, and does not */
  left(executionId: string, isGivenUp = false): void {
    this.#slots.left(executionId, isGivenUp)
  }

  isWaiting(executionId: string): boolean {
    return this.#slots.isWaiting(executionId)
  }

  /** What an execution waits for. */
  async waitOf(executionId: string, recorded: JsonValue | undefined): Promise<SlotWait | undefined> {
    const flow = flowOf(recorded)
    return flow && this.#slots.waitOf(executionId, flow)
  }

  #factsOf(
    { executionId, input, trigger, workflowVersion }: Pick<ExecuteRequest, 'executionId' | 'input' | 'trigger' | 'workflowVersion'>,
    { workflowId: id, name, settings }: WorkflowContent,
    organisationId: string,
  ): FlowFacts {
    const { clock, defaultTimezone } = this.#options.parts
    const zone = settings['timezone']
    return {
      workflow: { id, name },
      organisationId,
      executionId,
      input,
      now: isoTime(clock.now()),
      timezone: typeof zone === 'string' && zone !== '' && zone !== 'DEFAULT' ? zone : defaultTimezone,
      isFromOutside: workflowVersion > 0 && (trigger === 'webhook' || trigger === 'schedule' || trigger === 'api'),
    }
  }

  /** What its caller holds serves who is called and waited for, too: else the two would wait for each other. */
  async #withoutInherited(demands: readonly Demand[], { parent, answer }: ExecuteRequest): Promise<readonly Demand[]> {
    if (demands.length === 0 || !parent || answer === 'immediately') return demands
    const inherited = new Set<string>()
    for (let id: string | undefined = parent.executionId; id !== undefined; ) {
      const { requested }: Execution = (await readExecution(this.#options.parts.journal, id)).state
      for (const { slot } of flowOf(requested?.flow)?.slots ?? []) inherited.add(slot)
      id = requested?.answer === 'immediately' ? undefined : requested?.parentExecutionId
    }
    return demands.filter(({ slot }) => !inherited.has(slot))
  }

  async #refuseRepeated(executionId: string): Promise<void> {
    for await (const _ of this.#options.store.read(executionStream(executionId), { limit: 1 }))
      throw new WeConnectError('REVISION_CONFLICT', `The execution ${executionId} exists already`)
  }
}
