import type { Credentials } from '@weconnect/connectors/credentials'
import { errorCodes, isWeConnectError } from '@weconnect/contracts/errors'
import { streamOf } from '@weconnect/contracts/ids'
import type { Journal } from '@weconnect/eventstore/journal'
import type { Runs } from '@weconnect/executions/runs'
import { openThrottle } from '@weconnect/http/token-bucket'
import type { WebhookDescription } from '@weconnect/nodes/sdk/node'
import type { NodeRegistry } from '@weconnect/nodes/sdk/registry'
import type { Workflows } from '@weconnect/workflows/face'
import { v5 as uuid5 } from 'uuid'
import { type Answer, answerAtOnce, answerOfEnd, answerOfNode, answerOfSkipped } from './answer/answer.ts'
import { answerOf } from './answer/answer-of-execution.ts'
import { originHeaders } from './answer/cross-origin.ts'
import { readFiles } from './answer/read-files.ts'
import { endOfRecorded } from './answer/recorded-answer.ts'
import { sendable } from './answer/sendable.ts'
import { type Call, itemFor, nothingProven, requestOf } from './call.ts'
import type { CallStatistics } from './call-statistics.ts'
import { openAdmission } from './guard/admission.ts'
import { type OpenThrottle, openCallLimits } from './guard/call-limits.ts'
import { openDeduplication } from './guard/deduplicate.ts'
import { openGuarded } from './guarded.ts'
import { preflight } from './preflight.ts'
import { type Delivery, deliveryIdOf } from './receive/delivery.ts'
import type { After } from './receive/receive-body.ts'
import type { KeepFile } from './receive/streamed-content.ts'
import type { KeptListeners } from './routes/kept-listeners.ts'
import { unheard, unknown } from './routes/refusals.ts'
import type { Match, RouteTable } from './routes/routes.ts'
import { openTargets, type Target } from './routes/targets.ts'
import { openTestListeners, type TestListeners } from './routes/test-listeners.ts'

export interface IngressOptions {
  readonly routes: RouteTable
  readonly workflows: Workflows
  readonly registry: NodeRegistry
  readonly engine: Runs
  readonly credentials: Pick<Credentials, 'resolve'>
  readonly newId: () => string
  /** Milliseconds since the epoch. */
  readonly now: () => number
  readonly after: After
  readonly journal: Pick<Journal, 'read'>
  readonly statistics: CallStatistics
  /** Who waits for calls of drafts. */
  readonly listeners: KeptListeners
  /** Where rates are kept; in this process unless given. */
  readonly throttle?: OpenThrottle | undefined
}

export type Handle = (delivery: Delivery) => Promise<Answer>

/** A kind of address that is called. */
export interface Door {
  readonly handle: Handle
  /** Methods that somebody listens with at this path. */
  methodsAt(path: string): readonly string[] | Promise<readonly string[]>
}

export interface Ingress {
  /** A 2xx means that the delivery is on disk. */
  readonly production: Door
  /** Runs the draft once for whoever listens. */
  readonly test: Door
  readonly tests: Pick<TestListeners, 'listen' | 'stop'>
}

/** From a request to its answer. */
export const openIngress = (options: IngressOptions): Ingress => {
  const { routes, workflows, registry, engine, credentials, newId, now, after, journal, statistics } = options
  const { throttle = (_name, rate) => openThrottle(rate, now) } = options
  const targetOf = openTargets(workflows, registry)
  const admit = openAdmission(credentials, now)
  const tests = openTestListeners({ workflows, registry, kept: options.listeners, newId })
  /** Deliveries whose first answer is not known yet, so that a repetition that overtakes it gets the same one. */
  const underWay = new Map<string, Promise<Answer>>()

  const executionOf = openDeduplication({ requestedAt: requestedAtIn(journal), isUnderWay: (id) => underWay.has(id), now })
  const guarded = openGuarded({
    admit,
    limits: openCallLimits(throttle),
    executionOf,
    newId,
    keepFor: (organisationId) => keepFor(organisationId),
  })

  const run = async (call: Call): Promise<Answer> => {
    const { executionId, target } = call
    const { description } = target
    const { organisationId } = call.match.route
    try {
      const execution = engine.execute(requestOf(call, await itemFor(call, keepFor(organisationId))))
      return await answerOf(execution, description, executionId, readFiles(engine, organisationId))
    } catch (error) {
      if (isWeConnectError(error, 'EXECUTION_SKIPPED')) return answerOfSkipped(error.message)
      if (!isWeConnectError(error, 'REVISION_CONFLICT')) throw error
      statistics.repeated(call.match.route.webhookId, organisationId)
      return repeated(executionId, organisationId, description)
    }
  }

  const keepFor =
    (organisationId: string): KeepFile =>
    (pieces) =>
      engine.keepFile(pieces, organisationId)

  /** A delivery that is in the log already: the caller gets the answer of the first one. */
  const repeated = async (executionId: string, organisationId: string, description: WebhookDescription): Promise<Answer> => {
    if (description.responseMode === 'onReceived') return answerAtOnce(description, executionId)
    const { response, end } = await endOfRecorded(engine, executionId, after)
    const withFiles = readFiles(engine, organisationId)
    return response
      ? answerOfNode(await withFiles.response(response))
      : answerOfEnd(await withFiles.end(end, description), description, executionId)
  }

  const once = (call: Call): Promise<Answer> => {
    const first = underWay.get(call.executionId)
    if (first) {
      statistics.repeated(call.match.route.webhookId, call.match.route.organisationId)
      return first
    }
    const answer = run(call).finally(() => underWay.delete(call.executionId))
    underWay.set(call.executionId, answer)
    return answer
  }

  const production: Handle = async (delivery) => {
    const match = routes.find(delivery.method, delivery.path)
    if (!match) throw unknown(routes.methodsAt(delivery.path), delivery)
    try {
      return await answered(delivery, match)
    } catch (error) {
      if (await isAsking(match.route, error)) statistics.refused(match.route.webhookId, match.route.organisationId, error)
      throw error
    }
  }

  /** A webhook that asks for nothing refuses only what cannot be read: that writes nothing to the log. */
  const isAsking = async (route: Match['route'], error: unknown): Promise<boolean> => {
    if (isWeConnectError(error) && errorCodes[error.code].status === 429) return true
    const target = await targetOf(route).catch(() => undefined)
    return target?.guard !== undefined || target?.lock !== undefined
  }

  const answered = async (delivery: Delivery, match: Match): Promise<Answer> => {
    const target = await targetOf(match.route)
    const { webhookId, organisationId } = match.route
    const named = deliveryIdOf(delivery.headers)
    const actor = `webhook:${webhookId}`
    const ownId = (deliveryId: string | undefined): string => (deliveryId === undefined ? newId() : uuid5(deliveryId, webhookId))
    if (target.guard) {
      const { executionId = ownId(named), ...letIn } = await guarded.production(delivery, { ...match, target }, target.guard, named)
      const call = { delivery, match, target, admitted: nothingProven, executionId, actor, ...letIn }
      return dressed(letIn.deliveryId === undefined ? await run(call) : await once(call), target, delivery)
    }
    const admitted = await admit(target.lock, delivery.headers, organisationId)
    const call = { delivery, match, target, admitted, executionId: ownId(named), deliveryId: named, actor }
    return dressed(named === undefined ? await run(call) : await once(call), target, delivery)
  }

  const test: Handle = async (delivery) => {
    const match = await tests.find(delivery.method, delivery.path)
    if (!match) throw unheard(await tests.methodsAt(delivery.path), delivery)
    const { target } = match
    const { actor, organisationId } = match.route
    const item = target.guard && (await guarded.test(delivery, match, target.guard))
    const admitted = target.guard ? nothingProven : await admit(target.lock, delivery.headers, organisationId)
    if (!(await tests.take(match))) throw unheard([], delivery)
    const call = { delivery, match, target, admitted, executionId: newId(), deliveryId: undefined, actor }
    return dressed(await run(item ? { ...call, item } : call), target, delivery)
  }

  const productionMethods = (path: string): string[] => routes.methodsAt(path)
  const productionPreflight = preflight(productionMethods, async (method, path) => {
    const match = routes.find(method, path)
    return match && (await targetOf(match.route)).description
  })
  const testPreflight = preflight(tests.methodsAt, async (method, path) => (await tests.find(method, path))?.target.description)

  return {
    production: {
      handle: (delivery) => (delivery.method === 'OPTIONS' ? productionPreflight(delivery) : production(delivery)),
      methodsAt: productionMethods,
    },
    test: {
      handle: (delivery) => (delivery.method === 'OPTIONS' ? testPreflight(delivery) : test(delivery)),
      methodsAt: tests.methodsAt,
    },
    tests,
  }
}

const requestedAtIn =
  (journal: Pick<Journal, 'read'>) =>
  async (executionId: string): Promise<number | undefined> => {
    for await (const { time } of journal.read(streamOf('execution', executionId), { limit: 1 })) return Date.parse(time)
    return undefined
  }

const dressed = (answer: Answer, { description }: Target, { headers: { origin } }: Delivery): Answer =>
  sendable(origin === undefined ? answer : { ...answer, headers: { ...originHeaders(description, origin), ...answer.headers } })
