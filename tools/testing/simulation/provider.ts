import { WeConnectError } from '@weconnect/contracts/errors'
import type { HttpRequest, HttpResponse } from '@weconnect/contracts/http'
import type { Chance } from './chance.ts'

/** One thing that was done for somebody, and cannot be undone. */
export interface Effect {
  readonly path: string
  /** Which call of which node of which run it was for: `{delivery}/{node}/{run}/{item}`. */
  readonly call: string
  /** Id of the execution that asked for it. */
  readonly execution: string
  readonly key: string
  /** Milliseconds since the epoch. */
  readonly at: number
}

/** Node and run that a call was for. */
export const runOf = (call: string): readonly [node: string, run: string] => {
  const [node = '', run = ''] = call.split('/').slice(-3)
  return [node, run]
}

/** Somebody else's service: /keyed honours Idempotency-Key, /plain does what it is asked each time. */
export interface Provider {
  readonly effects: readonly Effect[]
  /** What each key was sent with, in any call: `{call} of {execution}`. */
  readonly asks: ReadonlyMap<string, ReadonlySet<string>>
  /**
   * @param strike called between its steps: a process may die there
   * @param rest waits on the world's time
   * @param signal the connection: when it is closed before anything was done, nothing is
   */
  serve(
    request: HttpRequest,
    between: { strike(): Promise<void>; rest(ms: number): Promise<void> },
    signal: AbortSignal | undefined,
  ): Promise<HttpResponse>
}

/** @param weather outside of storms it always answers */
export const simulatedProvider = (chance: Chance, weather: { readonly isStorm: boolean }, now: () => number): Provider => {
  const effects: Effect[] = []
  const asks = new Map<string, Set<string>>()
  const answers = new Map<string, HttpResponse>()

  const unlucky = (share: number): boolean => weather.isStorm && chance.happens(share)
  const lost = (): WeConnectError => new WeConnectError('EGRESS_FAILED', 'the connection was lost')

  const done = (asked: Omit<Effect, 'at'>, url: string): HttpResponse => {
    const { path, key } = asked
    const known = path === '/keyed' ? answers.get(key) : undefined
    if (known) return known
    effects.push({ ...asked, at: now() })
    const answer = answerOf(200, { effect: effects.length }, url)
    answers.set(key, answer)
    return answer
  }

  return {
    effects,
    asks,
    serve: async ({ url, headers = {}, body }, { strike, rest }, signal) => {
      const path = new URL(url).pathname
      const { call, execution } = JSON.parse(typeof body === 'string' ? body : '{}') as Pick<Effect, 'call' | 'execution'>
      const key = String(headers['Idempotency-Key'] ?? '')
      if (key !== '') asks.set(key, (asks.get(key) ?? new Set()).add(`${call} of ${execution}`))
      await rest(chance.happens(0.05) ? chance.between(1_000, 20_000) : chance.between(1, 300))
      await strike()
      if (signal?.aborted || unlucky(0.05)) throw lost()
      if (unlucky(0.05)) return answerOf(503, { error: 'busy' }, url)
      const answer = done({ path, call, execution, key }, url)
      await strike()
      await rest(chance.between(1, 50))
      if (path === '/keyed' && unlucky(0.05)) throw lost()
      return answer
    },
  }
}

const answerOf = (status: number, body: object, url: string): HttpResponse => ({
  status,
  statusText: status === 200 ? 'OK' : 'Service Unavailable',
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify(body),
  bodyEncoding: 'utf8',
  url,
})
