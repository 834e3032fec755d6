import { isDeepStrictEqual } from 'node:util'
import type { JsonObject, JsonValue } from '@weconnect/contracts/json'
import type { HttpRequest, HttpResponse, NodeContext } from '../../sdk/node.ts'
import { asNames, asObject, asObjects, asText } from '../per-item.ts'
import { bodyOf } from './answer.ts'
import { BadParameter } from './body.ts'
import type { Plan } from './request.ts'

/** What to send after each answer, as typed: its expressions see `$response`, `$request` and `$pageCount`. */
export interface Pagination {
  readonly mode: 'updateAParameterInEachRequest' | 'responseContainsNextURL'
  readonly nextURL: JsonValue
  readonly parameters: readonly JsonObject[]
  readonly completeWhen: string
  readonly statusCodes: JsonValue
  readonly completeExpression: JsonValue
  readonly maxRequests: number
  readonly intervalMs: number
}

/** Requests of one item, against a condition that never comes true. */
const mostRequests = 10_000
/** Answers in a row that are the same: the requests are then likely to be as well. */
const mostIdentical = 5

const modes = ['updateAParameterInEachRequest', 'responseContainsNextURL'] as const

/** @param raw the option `pagination`, expressions as typed; undefined: one request */
export const paginationOf = (raw: JsonValue | undefined): Pagination | undefined => {
  const given = asObject(asObject(raw)['pagination'])
  const mode = modes.find((each) => each === (given['paginationMode'] ?? (raw === undefined ? 'off' : modes[0])))
  if (mode === undefined) return undefined
  const limit = Number(given['maxRequests'] ?? 100)
  return {
    mode,
    nextURL: given['nextURL'] ?? '',
    parameters: asObjects(asObject(given['parameters'])['parameters']),
    completeWhen: asText(given['paginationCompleteWhen'], 'responseIsEmpty'),
    statusCodes: given['statusCodesWhenComplete'] ?? '',
    completeExpression: given['completeExpression'] ?? '',
    maxRequests: given['limitPagesFetched'] === true && limit >= 1 ? limit : mostRequests,
    intervalMs: Math.max(0, Number(given['requestInterval'] ?? 0)),
  }
}

const isEmpty = (body: JsonValue): boolean => body === null || body === '' || (typeof body === 'object' && Object.keys(body).length === 0)

const withParameter = (request: HttpRequest, type: string, name: string, value: JsonValue): HttpRequest => {
  if (type === 'headers') return { ...request, headers: { ...request.headers, [name]: asText(value) } }
  if (type === 'body') return withBodyField(request, name, value)
  const url = new URL(request.url)
  url.searchParams.set(name, asText(value))
  return { ...request, url: url.href }
}

const contentTypeOf = ({ headers = {} }: HttpRequest): string =>
  Object.entries(headers).find(([name]) => name.toLowerCase() === 'content-type')?.[1] ?? ''

const withBodyField = (request: HttpRequest, name: string, value: JsonValue): HttpRequest => {
  if (/x-www-form-urlencoded/i.test(contentTypeOf(request))) {
    const fields = new URLSearchParams(request.body)
    fields.set(name, asText(value))
    return { ...request, body: fields.toString() }
  }
  try {
    const body = JSON.stringify({ ...JSON.parse(request.body ?? '{}'), [name]: value })
    return { ...request, body, headers: { 'content-type': 'application/json', ...request.headers } }
  } catch {
    throw new BadParameter('options.pagination', 'A parameter of the body can be changed in JSON and forms only')
  }
}

/** All answers for one item, in order. */
export const paginate = async (
  context: NodeContext,
  { request, response: options }: Plan,
  pagination: Pagination,
  index: number,
): Promise<readonly HttpResponse[]> => {
  const answers: HttpResponse[] = []
  let known: Readonly<Record<string, JsonValue>> = { $pageCount: 0 }
  const evaluate = async (value: JsonValue): Promise<JsonValue | undefined> =>
    typeof value === 'string' && value.startsWith('=') ? context.evaluate(value, index, known) : value

  /** Before the first answer there is nothing that an expression could take from it. */
  const parameterValue = (value: JsonValue): Promise<JsonValue | undefined> =>
    evaluate(value).catch((error: unknown) => {
      if (answers.length === 0) return undefined
      throw error
    })

  const parametrised = async (given: HttpRequest): Promise<HttpRequest> => {
    let changed = given
    for (const { type, name, value } of pagination.mode === 'updateAParameterInEachRequest' ? pagination.parameters : []) {
      const evaluated = await parameterValue(value ?? '')
      if (evaluated !== undefined && evaluated !== null)
        changed = withParameter(changed, asText(type, 'qs'), asText(await parameterValue(name ?? '')), evaluated)
    }
    return changed
  }

  const isComplete = async (answer: HttpResponse, body: JsonValue): Promise<boolean> => {
    if (pagination.completeWhen === 'other') return (await evaluate(pagination.completeExpression)) === true
    if (pagination.completeWhen === 'responseIsEmpty') return isEmpty(body)
    return asNames(await evaluate(pagination.statusCodes))
      .map(Number)
      .includes(answer.status)
  }

  const nextRequest = async (sent: HttpRequest): Promise<HttpRequest | undefined> => {
    if (pagination.mode !== 'responseContainsNextURL') return parametrised(request)
    const next = asText(await evaluate(pagination.nextURL)).trim()
    const url = next === '' ? null : URL.parse(next, sent.url)
    return url === null || url.href === sent.url ? undefined : { ...request, url: url.href }
  }

  let identical = 1
  let next: HttpRequest | undefined = await parametrised(request)
  while (next !== undefined) {
    const sent: HttpRequest = next
    const answer = await context.http(sent)
    // The status that says "no more" is no page.
    const endsByStatus =
      pagination.completeWhen === 'receiveSpecificStatusCodes' && answer.status >= 400 && (await isComplete(answer, null))
    if (endsByStatus) break
    const last = answers.at(-1)
    identical = last !== undefined && isDeepStrictEqual([last.status, last.body], [answer.status, answer.body]) ? identical + 1 : 1
    answers.push(answer)
    if (answer.status >= 400 && !options.neverError) break
    const body = bodyOf(answer, options.format)
    known = {
      $pageCount: answers.length,
      $request: { method: sent.method, uri: sent.url, url: sent.url, headers: { ...sent.headers }, body: sent.body ?? '' },
      $response: { body, headers: answer.headers as JsonObject, statusCode: answer.status, statusMessage: answer.statusText },
    }
    if (answers.length >= pagination.maxRequests || (await isComplete(answer, body))) break
    if (identical >= mostIdentical)
      throw new BadParameter('options.pagination', `The returned response was identical ${mostIdentical}x, so requests got stopped`)
    next = await nextRequest(sent)
    if (next !== undefined && pagination.intervalMs > 0) await context.wait(pagination.intervalMs)
  }
  return answers
}
