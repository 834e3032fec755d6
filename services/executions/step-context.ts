import { WeConnectError } from '@weconnect/contracts/errors'
import type { Item, Outputs } from '@weconnect/contracts/items'
import type { JsonObject, JsonValue } from '@weconnect/contracts/json'
import { compileExpression } from '@weconnect/nodes/expressions/expression'
import type { Scope } from '@weconnect/nodes/expressions/scope'
import type { CodeRequest, CodeResult, HttpRequest, HttpResponse, NodeContext, NodeResponse } from '@weconnect/nodes/sdk/node'
import type { Inputs } from './outputs.ts'
import type { CallSite, Calls, EngineParts, PreparedNode } from './parts.ts'
import { NotLoaded, type RunMemory } from './run-memory.ts'
import type { StaticDataChange } from './static-data.ts'

/** Thrown through a node by pauseUntil: not an error, the step waits. */
export class Pause extends Error {
  readonly until: string
  constructor(until: string) {
    super('The step waits')
    this.until = until
  }
}

const unloadedStep = (error: unknown): number | undefined => {
  for (let cause = error; cause instanceof Error; cause = cause.cause) if (cause instanceof NotLoaded) return cause.step
  return undefined
}

export interface StepContextOptions {
  readonly prepared: PreparedNode
  readonly parts: EngineParts
  readonly inputs: Inputs
  readonly inputCount: number
  readonly memory: RunMemory
  readonly scope: Scope
  readonly site: CallSite
  readonly calls: Calls
  readonly staticData: { readonly global: JsonObject; readonly node: JsonObject }
  readonly correlationId: string
  readonly mode: NodeContext['mode']
  readonly signal: AbortSignal
  readonly deadlineMs: number
}

/** What a node sees while it runs one step; collects what the step leaves beside its items. */
export class StepContext implements NodeContext {
  readonly node: NodeContext['node']
  readonly workflow: NodeContext['workflow']
  readonly executionId: string
  readonly runIndex: number
  readonly mode: NodeContext['mode']
  readonly signal: AbortSignal
  readonly logs: { readonly level: string; readonly time: string; readonly message: string }[] = []
  response: NodeResponse | undefined
  customData: Record<string, string> | undefined
  staticData: StaticDataChange | undefined
  readonly #options: StepContextOptions
  readonly #evaluate: (text: string, itemIndex: number) => JsonValue | undefined
  #subCalls = 0

  constructor(options: StepContextOptions) {
    const { node } = options.prepared
    this.#options = options
    this.node = {
      id: node.nodeId,
      name: node.name,
      type: node.nodeType,
      typeVersion: node.typeVersion,
      onError: options.prepared.onError,
    }
    this.workflow = options.scope.workflow
    this.executionId = options.site.executionId
    this.runIndex = options.site.runIndex
    this.mode = options.mode
    this.signal = options.signal
    const view: Scope & { itemIndex: number } = { ...options.scope }
    this.#evaluate = (text, itemIndex) => {
      view.itemIndex = itemIndex
      return compileExpression(text).evaluate(view)
    }
  }

  async items(input = 0): Promise<readonly Item[]> {
    return this.#options.inputs[input] ?? []
  }

  async inputCount(): Promise<number> {
    return this.#options.inputCount
  }

  async parameter(name: string, itemIndex: number, fallback?: JsonValue): Promise<JsonValue | undefined> {
    return (await this.#withData(() => this.#options.prepared.parameters.get(name, itemIndex, this.#evaluate))) ?? fallback
  }

  async parameterOfEach(name: string, fallback?: JsonValue): Promise<readonly (JsonValue | undefined)[]> {
    const count = this.#options.inputs[0]?.length ?? 0
    const values = await this.#withData(() => this.#options.prepared.parameters.getEach(name, count, this.#evaluate))
    return fallback === undefined ? values : values.map((value) => value ?? fallback)
  }

  async rawParameter(name: string): Promise<JsonValue | undefined> {
    return this.#options.prepared.parameters.raw(name)
  }

  async evaluate(expression: string, itemIndex: number): Promise<JsonValue | undefined> {
    return this.#withData(() => this.#evaluate(expression, itemIndex))
  }

  async http(request: HttpRequest): Promise<HttpResponse> {
    return this.#options.calls.request(request, this.signal)
  }

  async credential(type: string): Promise<JsonObject> {
    throw new WeConnectError('NODE_FAILED', `Credentials (here "${type}") are not supported yet`)
  }

  async runCode(request: CodeRequest): Promise<CodeResult> {
    const { parts, scope, deadlineMs, memory } = this.#options
    return parts.code.run({
      ...request,
      scope,
      deadlineMs,
      signal: this.signal,
      load: (step) => memory.load(step),
      staticData: this.#options.staticData,
      leaves: ({ logs, customData, staticData }) => {
        this.staticData = { ...this.staticData, ...staticData }
        for (const { level, message } of logs) this.#note(level, message)
        if (Object.keys(customData).length > 0) this.customData = { ...this.customData, ...customData }
      },
    })
  }

  async runWorkflow(request: { readonly workflowId: string; readonly items: readonly Item[]; readonly wait: boolean }): Promise<Outputs> {
    const { parts, site, correlationId } = this.#options
    return parts.subWorkflows.run({ ...request, site, call: this.#subCalls++, correlationId, signal: this.signal })
  }

  async pauseUntil(until: string): Promise<never> {
    throw new Pause(until)
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
    return this.#options.scope.now
  }

  async timezone(): Promise<string> {
    return this.#options.scope.timezone
  }

  async random(): Promise<number> {
    return this.#options.scope.random()
  }

  /** Does it again with the data in memory when an expression asked for items of an old run. */
  async #withData<T>(read: () => T): Promise<T> {
    for (;;) {
      try {
        return read()
      } catch (error) {
        const step = unloadedStep(error)
        if (step === undefined) throw error
        await this.#options.memory.load(step)
      }
    }
  }

  #note(level: string, message: string): void {
    this.logs.push({ level, time: this.#options.scope.now, message })
  }
}
