import type { WebhookRegistered } from '@weconnect/contracts/events/webhook'
import { isForbiddenName } from '../receive/form-fields.ts'
import { calledKey, decoded, isParameter, patternKey, segmentsOf } from './path-key.ts'

export type Route = WebhookRegistered['data'] & { readonly organisationId: string }

/** What the table needs of an entry. */
export interface Listener {
  readonly webhookId: string
  readonly workflowId: string
  readonly method: string
  readonly path: string
}

export interface Match<Entry extends Listener = Route> {
  readonly route: Entry
  readonly params: Readonly<Record<string, string>>
}

interface Pattern<Entry> {
  readonly entry: Entry
  readonly segments: readonly string[]
  readonly fixed: number
}

const noParams: Readonly<Record<string, string>> = Object.freeze({})
const methods = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD']

/** Method and path to route: exact paths first, then paths with `:name` segments, of which the one with the most fixed segments wins. */
export class RouteTable<Entry extends Listener = Route> {
  readonly #byId = new Map<string, Entry>()
  readonly #exact = new Map<string, Entry>()
  /** By method, number of segments and first segment. */
  readonly #patterns = new Map<string, Pattern<Entry>[]>()

  put(entry: Entry): void {
    this.remove(entry.webhookId)
    this.#byId.set(entry.webhookId, entry)
    const segments = segmentsOf(entry.path)
    if (!segments.some(isParameter)) return void this.#exact.set(`${entry.method} ${patternKey(entry.path)}`, entry)
    const bucket = bucketOf(entry.method, patternKey(entry.path).split('/'))
    const pattern = { entry, segments, fixed: segments.filter((segment) => !isParameter(segment)).length }
    this.#patterns.set(bucket, [...(this.#patterns.get(bucket) ?? []), pattern])
  }

  remove(webhookId: string): void {
    const entry = this.#byId.get(webhookId)
    if (!entry) return
    this.#byId.delete(webhookId)
    const key = patternKey(entry.path)
    if (this.#exact.get(`${entry.method} ${key}`) === entry) this.#exact.delete(`${entry.method} ${key}`)
    const bucket = bucketOf(entry.method, key.split('/'))
    const left = (this.#patterns.get(bucket) ?? []).filter((pattern) => pattern.entry !== entry)
    if (left.length > 0) this.#patterns.set(bucket, left)
    else this.#patterns.delete(bucket)
  }

  get(webhookId: string): Entry | undefined {
    return this.#byId.get(webhookId)
  }

  ofWorkflow(workflowId: string): Entry[] {
    return [...this.#byId.values()].filter((entry) => entry.workflowId === workflowId)
  }

  /** @param path as it was called, still percent-encoded */
  find(method: string, path: string): Match<Entry> | undefined {
    const asIs = this.#exact.get(`${method} ${path}`)
    if (asIs) return { route: asIs, params: noParams }
    const key = calledKey(path)
    const exact = this.#exact.get(`${method} ${key}`)
    if (exact) return { route: exact, params: noParams }
    return this.#patterns.size === 0 ? undefined : this.#findPattern(method, key.split('/'))
  }

  /** Methods that this path answers; empty when nothing is there. */
  methodsAt(path: string): string[] {
    return methods.filter((method) => this.find(method, path))
  }

  #findPattern(method: string, called: readonly string[]): Match<Entry> | undefined {
    let best: { readonly pattern: Pattern<Entry>; readonly params: Readonly<Record<string, string>> } | undefined
    for (const bucket of [bucketOf(method, called), bucketOf(method, [':', ...called.slice(1)])])
      for (const pattern of this.#patterns.get(bucket) ?? []) {
        if (best && best.pattern.fixed >= pattern.fixed) continue
        const params = matchSegments(pattern.segments, called)
        if (params) best = { pattern, params }
      }
    return best && { route: best.pattern.entry, params: best.params }
  }
}

const bucketOf = (method: string, [first = '', ...rest]: readonly string[]): string => `${method} ${rest.length} ${first}`

/** @param called each segment encoded in the one way that `calledKey` does */
const matchSegments = (pattern: readonly string[], called: readonly string[]): Record<string, string> | undefined => {
  const params: Record<string, string> = {}
  for (const [index, part] of pattern.entries()) {
    const value = decoded(called[index] ?? '')
    if (!isParameter(part)) {
      if (decoded(part) !== value) return undefined
    } else if (!isForbiddenName(part.slice(1))) params[part.slice(1)] = value
  }
  return params
}
