import type { FileAnswer, FileRequest } from '@weconnect/contracts/files'
import type { HttpRequest, HttpResponse } from '@weconnect/contracts/http'
import type { BinaryData, Item, ItemSource, Outputs } from '@weconnect/contracts/items'
import type { JsonObject, JsonValue } from '@weconnect/contracts/json'
import type { MailAnswer, MailMessage } from '@weconnect/contracts/mail'
import type { MemoryAnswer, MemoryRequest } from '@weconnect/contracts/memory'
import type { NodeDefinition } from '@weconnect/contracts/node'
import type { ScheduleDescription } from '../calendar/rules.ts'
import type { PatternQuery } from '../expressions/scope.ts'
import type { ListenDescription, PollContext, PollResult, Received } from './listening.ts'

export type { HttpRequest, HttpResponse } from '@weconnect/contracts/http'

/**
 * What a node may do while it runs. Every method is asynchronous, takes and returns serialisable values and passes binary data by reference,
 * so a node may run in another process.
 */
export interface NodeContext {
  readonly node: {
    readonly id: string
    readonly name: string
    readonly type: string
    readonly typeVersion: number
    readonly onError: 'stopWorkflow' | 'continueRegularOutput' | 'continueErrorOutput'
  }
  readonly workflow: { readonly id: string; readonly name: string; readonly active: boolean }
  readonly executionId: string
  readonly runIndex: number
  /** n8n's execution mode. */
  readonly mode: 'manual' | 'webhook' | 'trigger' | 'integrated'
  /** Items of an input; empty when nothing is connected or nothing arrived. */
  items(input?: number): Promise<readonly Item[]>
  /** What an earlier run of this node was given in this execution, and where it came from; also of this run. */
  inputOfRun(runIndex: number, input?: number): Promise<{ readonly items: readonly Item[]; readonly source?: ItemSource }>
  /** What this node keeps between its runs in one execution, as `$node["X"].context` shows it; empty at first. */
  keptContext(): Promise<JsonObject>
  /** Replaces what is kept, once this run has completed. */
  keepContext(values: JsonObject): Promise<void>
  /** Number of inputs that are connected. */
  inputCount(): Promise<number>
  /** A parameter with its expressions evaluated for one item. @throws WeConnectError EXPRESSION_FAILED naming node, parameter and item */
  parameter(name: string, itemIndex: number, fallback?: JsonValue): Promise<JsonValue | undefined>
  /**
   * The same for every item of input 0 in one call, or for those from `range.from` to before `range.to`, which is what a node that loops over
   * its items should use.
   */
  parameterOfEach(name: string, fallback?: JsonValue, range?: ItemRange): Promise<readonly (JsonValue | undefined)[]>
  /** The parameter as typed, expressions not evaluated. */
  rawParameter(name: string): Promise<JsonValue | undefined>
  /** Evaluates one expression text (with its leading `=`) for one item. @param additional names that it sees beside the usual ones, with their `$` */
  evaluate(expression: string, itemIndex: number, additional?: Readonly<Record<string, JsonValue>>): Promise<JsonValue | undefined>
  /** Whether a pattern that may take long matches a text: run away from this process, within a second. @throws WeConnectError EXPRESSION_BUDGET */
  matches(query: PatternQuery): Promise<boolean>
  /** Outbound HTTP through the egress client: journalled, checked, replayable. */
  http(request: HttpRequest): Promise<HttpResponse>
  /** Files inside the folders that nodes may use: journalled, replayable. @throws WeConnectError FILE_DENIED, FILE_FAILED */
  file(request: FileRequest): Promise<FileAnswer>
  /** The bytes of a file that an item carries. @throws WeConnectError PAYLOAD_UNREADABLE */
  bytesOf(binary: BinaryData): Promise<Buffer>
  /**
   * The fields of the node's credential of this type. An HTTP request needs none of them: it names the type (`HttpRequest.credential`).
   * They must not come out of the node. @throws WeConnectError NODE_FAILED
   */
  credential(type: string): Promise<JsonObject>
  /** Sends a message with the node's credential of this type; journalled. @throws WeConnectError NODE_FAILED, EGRESS_DENIED, EGRESS_FAILED */
  mail(credential: string, message: MailMessage): Promise<MailAnswer>
  /**
   * Compares values with what earlier executions showed, and remembers them: once, however often the step is tried. For nodes that reach
   * outside (`reachesOutside`). Journalled.
   */
  remember(request: MemoryRequest): Promise<MemoryAnswer>
  /** Waits within this try, milliseconds. */
  wait(ms: number): Promise<void>
  /** Runs the user's JavaScript in the code runner. */
  runCode(request: CodeRequest): Promise<CodeResult>
  /** Calls another workflow and waits for its items, or not. */
  runWorkflow(request: { readonly workflowId: string; readonly items: readonly Item[]; readonly wait: boolean }): Promise<Outputs>
  /** Ends this try here; the execution goes on with `outputs` at `until` (ISO 8601). */
  pauseUntil(until: string, outputs: Outputs): Promise<never>
  /**
   * Pauses until the execution's address for waiting is called, whose item comes out then, or until a time (ISO 8601), when `outputs` come out.
   * The node type says how the address is called: `waitsAt`.
   */
  pauseForCall(until: string | undefined, outputs: Outputs): Promise<never>
  /** Pauses until a signal of this name comes, or until a time (ISO 8601). The engine makes the outputs: received, timed out. */
  pauseForSignal(name: string, until: string | undefined): Promise<never>
  /**
   * Pauses until a person decides, or until a time (ISO 8601). The engine makes the outputs: approved, rejected, timed out.
   * @param roles that may decide; all that may run executions when absent
   */
  pauseForApproval(title: string, roles: readonly string[] | undefined, until: string | undefined): Promise<never>
  /** Answers the caller that waits. */
  respond(response: NodeResponse): Promise<void>
  log(level: 'debug' | 'info' | 'warn' | 'error', message: string): Promise<void>
  setCustomData(values: Readonly<Record<string, string>>): Promise<void>
  /** Recorded time of the step, ISO 8601 UTC. */
  now(): Promise<string>
  /** IANA zone of the workflow. */
  timezone(): Promise<string>
  /** Uniform in [0, 1), from the recorded seed. */
  random(): Promise<number>
  /** Aborts on cancellation and on the time limit. */
  readonly signal: AbortSignal
}

/** Items of input 0 from index `from` to before index `to`. */
export interface ItemRange {
  readonly from: number
  readonly to: number
}

export interface NodeResponse {
  readonly statusCode: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: JsonValue
  /** `json`: serialised; `text`: as it is; `base64`: decoded; `binary`: the body is a BinaryData, whose bytes are sent. */
  readonly bodyEncoding: 'json' | 'text' | 'base64' | 'binary' | 'empty'
}

export interface CodeRequest {
  readonly language: 'javaScript'
  readonly mode: 'runOnceForAllItems' | 'runOnceForEachItem'
  readonly code: string
  /** runOnceForEachItem: what an error in one item does. `stop` (default) fails the call with CODE_FAILED; `keep` notes it in `perItem` and goes on. */
  readonly onItemError?: 'stop' | 'keep'
}
/** What the code returned, as JSON and not yet checked to be items. `value` is undefined where it returned nothing. */
export type CodeReturn = { readonly value: JsonValue | undefined } | { readonly error: string }
export interface CodeResult {
  /** runOnceForAllItems: what the code returned. */
  readonly value: JsonValue | undefined
  /** runOnceForEachItem: one entry per item of input 0, in order. */
  readonly perItem?: readonly CodeReturn[]
  readonly logs: readonly { readonly level: string; readonly message: string }[]
}

export type ProbeAnswer =
  | { readonly effect: 'done'; readonly outputs: Outputs }
  | { readonly effect: 'notDone' }
  | { readonly effect: 'unknown' }

/** A node type: what it is, and how it runs. `execute` and `validate` are required. */
export interface NodeType {
  readonly definition: NodeDefinition
  /** One entry per output. Throw WeConnectError NODE_FAILED (or any error) to fail the step. */
  execute(context: NodeContext): Promise<Outputs>
  /** Problems of the parameters as typed, found at publish: what cannot be known before a run is no problem. Pure. */
  validate(parameters: JsonObject, typeVersion: number): readonly { readonly parameter: string; readonly message: string }[]
  /**
   * Finds out whether a try that a crash interrupted had its effect; only requests that change nothing can be made. `done`: these are its
   * outputs; `notDone`: the try is run again; `unknown`: a person decides.
   */
  probe?(context: NodeContext): Promise<ProbeAnswer>
  testConnection?(context: NodeContext): Promise<{ readonly ok: boolean; readonly message: string }>
  getOptions?(context: NodeContext, parameter: string): Promise<readonly { readonly name: string; readonly value: JsonValue }[]>
  /** Outputs by parameters, for nodes such as Switch whose number of outputs depends on them. */
  outputCount?(parameters: JsonObject, typeVersion: number): number
  /** Inputs that must have items before the node may run without the others; 1 when absent. */
  requiredInputs?(parameters: JsonObject, typeVersion: number): number
  /** Whether these parameters make the node reach outside, for types whose definition says that they are pure. */
  reachesOutside?(parameters: JsonObject): boolean
  /** Inputs by parameters, for nodes such as Merge whose number of inputs depends on them. */
  inputCount?(parameters: JsonObject, typeVersion: number): number
  /** Webhook nodes: what to listen to, from the parameters. */
  webhook?(parameters: JsonObject, typeVersion: number): WebhookDescription
  /** Nodes that pause for a call: how they are called, from the parameters; undefined when these do not. */
  waitsAt?(parameters: JsonObject, typeVersion: number): WebhookDescription | undefined
  /** Nodes that start at times: at which, from the parameters as typed. Pure. */
  schedule?(parameters: JsonObject, typeVersion: number): ScheduleDescription
  /** Triggers that look for what starts them: where, from the parameters with their expressions evaluated. Pure. */
  listens?(parameters: JsonObject, typeVersion: number): ListenDescription
  /** Of `poll`: looks once. What it gives starts the workflow, once. @throws any error: it is tried again later */
  poll?(context: PollContext): Promise<PollResult>
  /** Of what comes by itself: the item that it becomes. Pure. */
  received?(message: Received, parameters: JsonObject, typeVersion: number): Item
  /** What such a start is given, `{}` when absent. `at`: ISO 8601. */
  tickItem?(at: string, timezone: string): JsonObject
}

/** How callers prove that they may call. */
export type WebhookAuthentication = 'basicAuth' | 'headerAuth' | 'jwtAuth' | 'signature'

/** How a call is signed: an HMAC over its bytes as they came. */
export interface SignatureRules {
  /** Lower case. */
  readonly header: string
  readonly algorithm: 'sha1' | 'sha256' | 'sha384' | 'sha512'
  readonly encoding: 'hex' | 'base64' | 'base64url'
  /** Text before the signature. */
  readonly prefix: string
  /** What is signed: `{body}`, `{timestamp}` and `{header.NAME}` stand for what they name. */
  readonly content: string
  /** Lower case; the form `pairs` has the time in the header of the signature. */
  readonly timestampHeader?: string
  /** The header is one signature, several with spaces between, or `t=TIME,v1=SIGNATURE,...`. */
  readonly form: 'whole' | 'list' | 'pairs'
  /** `whsec`: the key is the base64 behind `whsec_`. */
  readonly secretForm?: 'whsec'
  /** How far a signed time may be from now; 0 = any. */
  readonly toleranceSeconds: number
}

export interface CallRate {
  readonly calls: number
  /** Length of the time in which so many calls may come. */
  readonly seconds: number
  /** Calls that may come at one moment. */
  readonly burst: number
  /** Lower case; of a limit per caller: names the caller. Absent: its address does. */
  readonly callerHeader?: string
}

/** JSON Schemas as typed: JSON, or its text. */
export type RequestSchema = { readonly [part in 'body' | 'query' | 'headers']?: JsonValue }

export interface Deduplication {
  readonly by: 'deliveryId' | 'header' | 'body' | 'field'
  /** Lower case. */
  readonly header: string
  /** `body.id` ... */
  readonly field: string
  readonly windowSeconds: number
}

/** What a webhook asks of a call beside who makes it. */
export interface WebhookGuards {
  /** Addresses and ranges (CIDR) that may call. */
  readonly addresses?: readonly string[]
  readonly ignoreBots?: true
  readonly rate?: CallRate
  readonly callerRate?: CallRate
  readonly schema?: RequestSchema
  readonly deduplication?: Deduplication
}

export interface WebhookDescription {
  /** Absent: anybody may call. */
  readonly authentication?: WebhookAuthentication
  /** Of the authentication `signature`. */
  readonly signature?: SignatureRules
  /** Absent: nothing is asked. */
  readonly guards?: WebhookGuards
  readonly methods: readonly string[]
  /** Without leading slash; `:name` is a parameter. */
  readonly path: string
  readonly responseMode: 'onReceived' | 'lastNode' | 'responseNode'
  readonly responseCode: number
  readonly responseHeaders: Readonly<Record<string, string>>
  readonly responseData: 'firstEntryJson' | 'allEntries' | 'firstEntryBinary' | 'noData'
  readonly responseBinaryProperty?: string
  readonly rawBody: boolean
  /** Where a file goes, when the node names it; of a multipart body, the name before the number. */
  readonly binaryProperty?: string
  /** onReceived: the text to answer with instead of the usual message. */
  readonly responseText?: string
  /** lastNode with firstEntryJson: content type of the answer. */
  readonly responseContentType?: string
  /** lastNode with firstEntryJson: the member of the item that is the answer. */
  readonly responsePropertyName?: string
  /** Origins of pages that may call, separated by commas; `*`, also when absent: all. */
  readonly allowedOrigins?: string
}
