import type { AllowedCalls } from '@weconnect/connectors/journalling-egress'
import type { Doubt } from '@weconnect/connectors/repeatable'
import type { StepInput } from '@weconnect/contracts/events/types'
import type { FileAnswer, FileRequest } from '@weconnect/contracts/files'
import type { BinaryData, Item, ItemSource, Outputs } from '@weconnect/contracts/items'
import type { JsonObject, JsonValue } from '@weconnect/contracts/json'
import type { MailAnswer, MailMessage } from '@weconnect/contracts/mail'
import type { MemoryAnswer, MemoryRequest } from '@weconnect/contracts/memory'
import { compileExpression } from '@weconnect/nodes/expressions/expression'
import type { PatternQuery } from '@weconnect/nodes/expressions/scope'
import type { CodeRequest, CodeResult, HttpRequest, HttpResponse, ItemRange, NodeContext, NodeResponse } from '@weconnect/nodes/sdk/node'
import { edgesInto } from '../graph/graph.ts'
import { bytesOf } from '../items/claim-files.ts'
import type { Inputs } from '../items/outputs.ts'
import type { CallSite, Calls, PreparedNode } from '../parts.ts'
import type { RunFacts, StepNumbers } from '../scope/run-facts.ts'
import type { StaticDataChange } from '../scope/static-data.ts'
import { StepReading } from '../scope/step-reading.ts'
import { callSiteOf } from './call-site.ts'
import { Pause } from './pause.ts'
import { timeoutOf } from './prepared-nodes.ts'

/** A reason made once: making one costs a stack trace. */
const tookTooLong = new Error('The try took longer than its limit')

/** What a node sees while it runs one step; collects what the step leaves beside its items. What few nodes ask for is made when they do. */
export class StepContext implements NodeContext {
  readonly node: NodeContext['node']
  readonly workflow: NodeContext['workflow']
  readonly executionId: string
  readonly runIndex: number
  readonly mode: NodeContext['mode']
  signal: AbortSignal
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
  #read: StepReading | undefined
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

  /** The try has a time of its own. @returns tells it that this is over */
  limited(): () => void {
    const over = new AbortController()
    this.signal = AbortSignal.any([this.signal, over.signal])
    return () => over.abort(tookTooLong)
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
    const reading = this.#reading
    return (await reading.withData(() => parameters.get(name, itemIndex, reading.evaluate))) ?? fallback
  }

  async parameterOfEach(name: string, fallback?: JsonValue, range?: ItemRange): Promise<readonly (JsonValue | undefined)[]> {
    const items = range ?? { from: 0, to: this.#inputs[0]?.length ?? 0 }
    const reading = this.#reading
    const values = await reading.withData(() => this.#prepared.parameters.getEach(name, items, reading.evaluate))
    return fallback === undefined ? values : values.map((value) => value ?? fallback)
  }

  async rawParameter(name: string): Promise<JsonValue | undefined> {
    return this.#prepared.parameters.raw(name)
  }

  async evaluate(expression: string, itemIndex: number, additional?: Readonly<Record<string, JsonValue>>): Promise<JsonValue | undefined> {
    const reading = this.#reading
    if (additional === undefined) return reading.withData(() => reading.evaluate(expression, itemIndex))
    return reading.withData(() => compileExpression(expression).evaluate({ ...reading.scope, itemIndex, additional }))
  }

  async matches(query: PatternQuery): Promise<boolean> {
    const reading = this.#reading
    const found = await reading.withData(() => reading.scope.run.matches?.(query))
    return found !== undefined && found.length > 0
  }

  async http(request: HttpRequest): Promise<HttpResponse> {
    return this.#outside.request(request, this.signal)
  }

  async file(request: FileRequest): Promise<FileAnswer> {
    return this.#outside.file(request)
  }

  async bytesOf(binary: BinaryData): Promise<Buffer> {
    return bytesOf(binary, this.#run.organisationId, this.#run.parts.binaries)
  }

  async credential(type: string): Promise<JsonObject> {
    return this.#outside.credential(type)
  }

  async mail(credential: string, message: MailMessage): Promise<MailAnswer> {
    return this.#outside.mail(credential, message)
  }

  async remember(request: MemoryRequest): Promise<MemoryAnswer> {
    return this.#outside.remember(request, this.signal)
  }

  async wait(ms: number): Promise<void> {
    await this.#run.parts.timer.wait(ms, this.signal)
    this.signal.throwIfAborted()
  }

  async runCode(request: CodeRequest): Promise<CodeResult> {
    const { parts, memory, staticData } = this.#run
    return parts.code.run({
      ...request,
      organisationId: this.#run.organisationId,
      scope: this.#reading.scope,
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
    return this.#reading.scope.random()
  }

  get #reading(): StepReading {
    this.#read ??= new StepReading(this.#run, this.#prepared, this.#inputs, this.#references, this.#numbers)
    return this.#read
  }

  get #outside(): Calls {
    this.#calls ??= this.#run.parts.calls(this.#site)
    return this.#calls
  }

  get #site(): CallSite {
    return callSiteOf(this.#run, this.#prepared, this.#numbers, this.#allow)
  }

  #note(level: string, message: string): void {
    this.logs ??= []
    this.logs.push({ level, time: this.#numbers.startedAt, message })
  }
}
