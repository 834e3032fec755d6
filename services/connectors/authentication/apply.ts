import type { HttpRequest } from '@weconnect/contracts/http'
import { isJsonObject, type JsonObject, type JsonValue } from '@weconnect/contracts/json'
import { customParts } from '../types/generic.ts'

const text = (value: JsonValue | undefined): string =>
  value === undefined || value === null ? '' : typeof value === 'object' ? JSON.stringify(value) : String(value)

/** The request with these headers instead of its own of the same name; they are for the first server only. */
export const withHeaders = (request: HttpRequest, headers: Readonly<Record<string, string>>): HttpRequest => {
  const names = Object.keys(headers).map((name) => name.toLowerCase())
  const kept = Object.entries(request.headers ?? {}).filter(([name]) => !names.includes(name.toLowerCase()))
  return { ...request, headers: { ...Object.fromEntries(kept), ...headers }, secretHeaders: [...(request.secretHeaders ?? []), ...names] }
}

export const withQuery = (request: HttpRequest, pairs: readonly (readonly [string, string])[]): HttpRequest => {
  const url = URL.parse(request.url)
  if (url === null) return request
  for (const [name, value] of pairs) url.searchParams.set(name, value)
  return { ...request, url: url.href }
}

const contentTypeOf = ({ headers = {} }: HttpRequest): string =>
  Object.entries(headers).find(([name]) => name.toLowerCase() === 'content-type')?.[1] ?? ''

const parsedBody = (body: string | undefined): JsonObject | undefined => {
  try {
    const value: unknown = JSON.parse(body ?? '{}')
    return isJsonObject(value) ? value : undefined
  } catch {
    return undefined
  }
}

/** Fields added to a body of fields: a form, or JSON. */
const withBody = (request: HttpRequest, fields: JsonObject): HttpRequest => {
  if (Object.keys(fields).length === 0) return request
  if (/^application\/x-www-form-urlencoded/i.test(contentTypeOf(request))) {
    const form = new URLSearchParams(request.body)
    for (const [name, value] of Object.entries(fields)) form.set(name, text(value))
    return { ...request, body: form.toString(), secretBody: true }
  }
  const body = request.bodyEncoding === 'base64' ? undefined : parsedBody(request.body)
  if (body === undefined) return request
  const headers = contentTypeOf(request) === '' ? { ...request.headers, 'content-type': 'application/json' } : request.headers
  return { ...request, body: JSON.stringify({ ...body, ...fields }), secretBody: true, ...(headers && { headers }) }
}

const objectIn = (value: JsonValue | undefined): JsonObject => (isJsonObject(value) ? value : {})
const textsOf = (value: JsonValue | undefined): [string, string][] =>
  Object.entries(objectIn(value)).map(([name, each]) => [name, text(each)])

const custom = (request: HttpRequest, data: JsonObject): HttpRequest => {
  const { headers, qs, body } = customParts(data)
  return withBody(withQuery(withHeaders(request, Object.fromEntries(textsOf(headers))), textsOf(qs)), objectIn(body))
}

export const basicHeader = (user: string, password: string): string => `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`

type Apply = (request: HttpRequest, data: JsonObject) => HttpRequest

/** Credentials that are the same in every request, by type. */
const ways: Readonly<Record<string, Apply>> = {
  httpBasicAuth: (request, { user, password }) => withHeaders(request, { authorization: basicHeader(text(user), text(password)) }),
  httpHeaderAuth: (request, { name, value }) => withHeaders(request, { [text(name)]: text(value) }),
  httpQueryAuth: (request, { name, value }) => withQuery(request, [[text(name), text(value)]]),
  httpBearerAuth: (request, { token }) => withHeaders(request, { authorization: `Bearer ${text(token)}` }),
  httpCustomAuth: custom,
}

/** How a credential of this type goes into a request; undefined when more than that is needed. */
export const applierOf = (type: string): Apply | undefined => (Object.hasOwn(ways, type) ? ways[type] : undefined)
