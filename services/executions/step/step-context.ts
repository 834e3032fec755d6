import type { AllowedCalls } from '@weconnect/connectors/journalling-egress'
import type { Doubt } from '@weconnect/connectors/repeatable'
import type { StepInput } from '@weconnect/contracts/events/types'
import type { FileAnswer, FileRequest } from '@weconnect/contracts/files'
import type { BinaryData, Item, ItemSource, Outputs } from '@weconnect/contracts/items'
import type { JsonObject, JsonValue } from '@weconnect/contracts/json'
import type { MailAnswer, MailMessage } from '@weconnect/contracts/mail'
import type { MemoryAnswer, MemoryRequest } from '@weconnect/contracts/memory'
import { compileExpression } from '@weconnect/nodes/expressions/expression'
import type { PatternQuery, Scope } from '@weconnect/nodes/expressions/scope'
import type { CodeRequest, CodeResult, HttpRequest, HttpResponse, ItemRange, NodeContext, NodeResponse } from '@weconnect/nodes/sdk/node'
import type { OpenWait, WaitFor } from '../decider/state.ts'
import { edgesInto } from '../graph/graph.ts'
import { bytesOf } from '../items/claim-files.ts'
import type { Inputs } from '../items/outputs.ts'
import type { CallSite, Calls, PreparedNode } from '../parts.ts'
import { matchElsewhere, type NotMatched, notMatchedBehind, PatternMatches } from '../scope/pattern-matches.ts'
import type { RunFacts, StepNumbers } from '../scope/run-facts.ts'
import { NotLoaded } from '../scope/run-memory.ts'
import type { StaticDataChange } from '../scope/static-data.ts'
import { scopeOf } from '../scope/step-scope.ts'

/** Which signal, or what is to be approved by whom. */
export type WaitDetails = Pick<OpenWait, 'name' | 'title' | 'roles'>

/** Thrown through a node by pauseUntil: not an error, the step waits. */
export class Pause extends Error {
  readonly until: string | undefined
  readonly waitFor: WaitFor
  readonly details: WaitDetails | undefined
  constructor(until: string | undefined, waitFor: WaitFor, details?: WaitDetails) {
    super('The step waits')
    this.until = until
    this.waitFor = waitFor
    this.details = details
  }
}

const unloadedStep = (error: unknown): number | undefined => {
  for (let cause = error; cause instanceof Error; cause = cause.cause) if (cause instanceof NotLoaded) return cause.step
  return undefined
}

/** Spec: milliseconds of one try when the node names no limit. */
const defaultTimeoutMs = 30_000
export const timeoutOf = ({ node, type }: PreparedNode): number =>
  node.options.timeoutMs ?? type.definition.defaultTimeoutMs ?? defaultTimeoutMs

/** What a node sees while it runs one step; collects what the step leaves beside its items. What few nodes ask for is made when they do. */
export class StepContext implements NodeContext {
  readonly node: NodeContext['node']
  readonly workflow: NodeContext['workflow']
  readonly executionId: string
  readonly runIndex: number
  readonly mode: NodeContext['mode']
  readonly signal: AbortSignal
  logs: { readonly level: string; readonly time: string; readonly message: string }[] | undefined
  response: NodeResponse | undefined
  customData: Record<string, string> | undefined
  staticData: StaticDataChange | undefined
  nodeContext: JsonObject | undefined
  readonly #run: RunFacts
  readonly #prepared: PreparedNode
  readonly #inputs: Inputs
  readonly #references: readonly StepInput[]
  readonly #numbers: StepNumbers
  #view: (Scope & { itemIndex: number }) | undefined
  #calls: Calls | undefined
  #subCalls = 0

  readonly #allow: AllowedCalls

  constructor(
    run: RunFacts,
    prepared: PreparedNode,
    inputs: Inputs,
    references: readonly StepInput[],
    numbers: StepNumbers,
    allow: AllowedCalls = 'all',
  ) {
    const { node, onError } = prepared
    this.#run = run
    this.#prepared = prepared
    this.#inputs = inputs
    this.#references = references
    this.#numbers = numbers
    this.#allow = allow
    this.node = { id: node.nodeId, name: node.name, type: node.nodeType, typeVersion: node.typeVersion, onError }
    this.workflow = run.workflow
    this.executionId = run.requested.executionId
    this.runIndex = numbers.runIndex
    this.mode = run.mode
    this.signal = run.signal
  }

  /** A value of this step without the secrets that it worked with. */
  redact<Value extends JsonValue>(value: Value): Value {
    return (this.#calls?.redact(value) ?? value) as Value
  }

  /** Outbound calls so far; undefined when there was none. */
  journal(): JsonValue | undefined {
    return this.#calls?.journal()
  }

  /** The call that was refused because it may have been made before. */
  doubt(): Doubt | undefined {
    return this.#calls?.doubt()
  }

  async items(input = 0): Promise<readonly Item[]> {
    return this.#inputs[input] ?? []
  }

  async inputOfRun(runIndex: number, input = 0): Promise<{ readonly items: readonly Item[]; readonly source?: ItemSource }> {
    const { memory } = this.#run
    const step = memory.runsOf(this.node.name)[runIndex]
    const reference = step === undefined ? undefined : memory.inputsOf(step).find((each) => each.input === input)
    if (!reference) return { items: [] }
    const items = (runIndex === this.runIndex ? this.#inputs : await memory.loadInputs([reference]))[input] ?? []
    const source = memory.sourceOf(reference)
    return { items: this.#prepared.node.options.executeOnce ? items.slice(0, 1) : items, ...(source && { source }) }
  }

  async keptContext(): Promise<JsonObject> {
    return this.#run.contexts.get(this.node.name) ?? {}
  }

  async keepContext(values: JsonObject): Promise<void> {
    this.nodeContext = values
  }

  async inputCount(): Promise<number> {
    return edgesInto(this.#run.graph, this.node.id).filter((edges) => edges.length > 0).length
  }

  async parameter(name: string, itemIndex: number, fallback?: JsonValue): Promise<JsonValue | undefined> {
    const { parameters } = this.#prepared
    if (parameters.isConstant(name)) return parameters.raw(name) ?? fallback
    return (await this.#withData(() => parameters.get(name, itemIndex, this.#evaluate))) ?? fallback
  }

  async parameterOfEach(name: string, fallback?: JsonValue, range?: ItemRange): Promise<readonly (JsonValue | undefined)[]> {
    const items = range ?? { from: 0, to: this.#inputs[0]?.length ?? 0 }
    const values = await this.#withData(() => this.#prepared.parameters.getEach(name, items, this.#evaluate))
    return fallback === undefined ? values : values.map((value) => value ?? fallback)
  }

  async rawParameter(name: string): Promise<JsonValue | undefined> {
    return this.#prepared.parameters.raw(name)
  }

  async evaluate(expression: string, itemIndex: number, additional?: Readonly<Record<string, JsonValue>>): Promise<JsonValue | undefined> {
    if (additional === undefined) return this.#withData(() => this.#evaluate(expression, itemIndex))
    return this.#withData(() => compileExpression(expression).evaluate({ ...this.#scope, itemIndex, additional }))
  }

  async matches(query: PatternQuery): Promise<boolean> {
    const found = await this.#withData(() => this.#scope.run.matches?.(query))
    return found !== undefined && found.length > 0
  }

  async http(request: HttpRequest): Promise<HttpResponse> {
    this.#calls ??= this.#run.parts.calls(this.#site)
    return this.#calls.request(request, this.signal)
  }

  async file(request: FileRequest): Promise<FileAnswer> {
    this.#calls ??= this.#run.parts.calls(this.#site)
    return this.#calls.file(request)
  }

  async bytesOf(binary: BinaryData): Promise<Buffer> {
    return bytesOf(binary, this.#run.organisationId, this.#run.parts.binaries)
  }

  async credential(type: string): Promise<JsonObject> {
    this.#calls ??= this.#run.parts.calls(this.#site)
    return this.#calls.credential(type)
  }

  async mail(credential: string, message: MailMessage): Promise<MailAnswer> {
    this.#calls ??= this.#run.parts.calls(this.#site)
    return this.#calls.mail(credential, message)
  }

  async remember(request: MemoryRequest): Promise<MemoryAnswer> {
    this.#calls ??= this.#run.parts.calls(this.#site)
    return this.#calls.remember(request, this.signal)
  }

  async wait(ms: number): Promise<void> {
    await this.#run.parts.timer.wait(ms, this.signal)
    this.signal.throwIfAborted()
  }

  async runCode(request: CodeRequest): Promise<CodeResult> {
    const { parts, memory, staticData } = this.#run
    return parts.code.run({
      ...request,
      scope: this.#scope,
      deadlineMs: timeoutOf(this.#prepared),
      signal: this.signal,
      staticData: staticData.areasOf(this.node.id),
      helpers: {
        bytesOf: (file) => this.bytesOf(file),
        keep: (bytes) => parts.binaries.keep(this.#run.organisationId, bytes),
        ...(this.#prepared.isExternal && { http: (outbound) => this.http(outbound) }),
      },
      load: (step) => memory.load(step),
      leaves: (traces) => {
        this.staticData = { ...this.staticData, ...traces.staticData }
        for (const { level, message } of traces.logs) this.#note(level, message)
        if (Object.keys(traces.customData).length > 0) this.customData = { ...this.customData, ...traces.customData }
      },
    })
  }

  async runWorkflow(request: { readonly workflowId: string; readonly items: readonly Item[]; readonly wait: boolean }): Promise<Outputs> {
    const { parts, correlationId } = this.#run
    return parts.subWorkflows.run({ ...request, site: this.#site, call: this.#subCalls++, correlationId, signal: this.signal })
  }

  async pauseUntil(until: string): Promise<never> {
    throw new Pause(until, 'time')
  }

  async pauseForCall(until: string | undefined): Promise<never> {
    throw new Pause(until, 'webhook')
  }

  async pauseForSignal(name: string, until: string | undefined): Promise<never> {
    throw new Pause(until, 'signal', { name })
  }

  async pauseForApproval(title: string, roles: readonly string[] | undefined, until: string | undefined): Promise<never> {
    throw new Pause(until, 'approval', { title, ...(roles && { roles }) })
  }

  async respond(response: NodeResponse): Promise<void> {
    this.response ??= response
  }

  async log(level: 'debug' | 'info' | 'warn' | 'error', message: string): Promise<void> {
    this.#note(level, message)
  }

  async setCustomData(values: Readonly<Record<string, string>>): Promise<void> {
    this.customData = { ...this.customData, ...values }
  }

  async now(): Promise<string> {
    return this.#numbers.startedAt
  }

  async timezone(): Promise<string> {
    return this.#run.started.timezone
  }

  async random(): Promise<number> {
    return this.#scope.random()
  }

  get #scope(): Scope & { itemIndex: number } {
    this.#view ??= scopeOf(this.#run, this.#prepared, this.#inputs, this.#references, this.#numbers, new PatternMatches())
    return this.#view
  }

  get #site(): CallSite {
    const { step, runIndex, attempt, effectEpoch, interrupted } = this.#numbers
    const { credentials } = this.#prepared.node
    return {
      executionId: this.executionId,
      organisationId: this.#run.organisationId,
      workflowId: this.workflow.id,
      nodeId: this.node.id,
      step,
      runIndex,
      attempt,
      isRepeated: interrupted || attempt > 1 || effectEpoch > 0,
      effectEpoch,
      allow: this.#allow,
      credentials,
    }
  }

  readonly #evaluate = (text: string, itemIndex: number): JsonValue | undefined => {
    const scope = this.#scope
    scope.itemIndex = itemIndex
    return compileExpression(text).evaluate(scope)
  }

  /** Does it again with the data in memory when an expression asked for items of an old run, or for what a pattern matches. */
  async #withData<T>(read: () => T): Promise<T> {
    for (;;) {
      try {
        return read()
      } catch (error) {
        const pattern = notMatchedBehind(error)
        const step = unloadedStep(error)
        if (pattern !== undefined) await this.#match(pattern)
        else if (step !== undefined) await this.#run.memory.load(step)
        else throw error
      }
    }
  }

  async #match({ query, keep }: NotMatched): Promise<void> {
    keep(await matchElsewhere(this.#run.parts.code, query, { scope: this.#scope, signal: this.signal }))
  }

  #note(level: string, message: string): void {
    this.logs ??= []
    this.logs.push({ level, time: this.#numbers.startedAt, message })
  }
}
