import { WeConnectError } from '@weconnect/contracts/errors'
import type { HttpRequest, HttpResponse } from '@weconnect/contracts/http'
import { Agent, buildConnector, type Dispatcher, request as send } from 'undici'
import { type AddressGuard, type AddressGuardOptions, addressGuard } from './address-guard.ts'
import { egressFailure } from './failure.ts'
import { firstHop, type Hop, isRedirect, nextHop } from './hop.ts'
import { parseProxy, proxyConnector } from './proxy.ts'
import { acceptedEncodings, readBody } from './response-body.ts'

/** The way out: every request that a node makes goes through here. */
export interface Egress {
  /**
   * Any status is an answer. Redirects are followed, each checked anew.
   * @throws WeConnectError EGRESS_DENIED (local or private address, other protocol), EGRESS_FAILED (network, time, size); the signal's reason
   */
  request(request: HttpRequest, signal?: AbortSignal): Promise<HttpResponse>
  close(): Promise<void>
}

export interface EgressOptions extends AddressGuardOptions {
  /** Sends in place of our own connections, for example in tests; addresses are checked all the same. */
  readonly dispatcher?: Dispatcher
  /** Bytes of the largest answer, also after decompression; 50 MB unless given. */
  readonly largestBody?: number
  /** For requests that name no time; 300,000 unless given. */
  readonly timeoutMs?: number
}

/** Proxies whose connections are kept. */
const mostProxies = 20

const portOf = (url: { protocol: string; port: string }): number => Number(url.port) || (url.protocol === 'https:' ? 443 : 80)

/** Connects to exactly the addresses that were checked, the next when one does not answer. */
const checkedConnector = (guard: AddressGuard, rejectUnauthorized: boolean): buildConnector.connector => {
  const connect = buildConnector({ rejectUnauthorized, allowH2: false })
  return (options, callback) => {
    const tryNext = ([address, ...others]: readonly string[]): void => {
      const done: buildConnector.Callback = (...[error, socket]) => {
        if (error !== null && others.length > 0) tryNext(others)
        else if (error !== null) callback(error, null)
        else callback(null, socket!)
      }
      connect({ ...options, hostname: address! }, done)
    }
    guard(options.hostname, portOf(options)).then(tryNext, (error: Error) => callback(error, null))
  }
}

const headerText = (value: string | readonly string[] | undefined): string => (typeof value === 'string' ? value : (value?.[0] ?? ''))

const plainHeaders = (headers: Dispatcher.ResponseData['headers']): HttpResponse['headers'] =>
  Object.fromEntries(Object.entries(headers).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])))

export const openEgress = (options: EgressOptions = {}): Egress => {
  const { dispatcher, largestBody = 50 * 1024 * 1024, timeoutMs: defaultTimeoutMs = 300_000 } = options
  const guard = addressGuard(options)
  const agent = new Agent({ connect: checkedConnector(guard, true) })
  const laxAgent = new Agent({ connect: checkedConnector(guard, false) })
  const proxied = new Map<string, Agent>()

  /** One agent for each proxy, the least recently made dropped first. */
  const throughProxy = (address: string, lax: boolean): Agent => {
    const key = `${lax} ${address}`
    const known = proxied.get(key)
    if (known) return known
    const connect = buildConnector({ rejectUnauthorized: !lax, allowH2: false })
    const made = new Agent({ connect: proxyConnector(parseProxy(address), guard, connect) })
    const [[oldest, old] = []] = proxied
    if (proxied.size >= mostProxies && oldest !== undefined && old !== undefined) {
      proxied.delete(oldest)
      void old.close()
    }
    proxied.set(key, made)
    return made
  }
  const agentFor = ({ proxy, allowUnauthorizedCerts = false }: HttpRequest): Agent => {
    if (proxy) return throughProxy(proxy, allowUnauthorizedCerts)
    return allowUnauthorizedCerts ? laxAgent : agent
  }

  const sendHop = async (hop: Hop, request: HttpRequest, signal: AbortSignal): Promise<Dispatcher.ResponseData> => {
    if (dispatcher !== undefined) await guard(hop.url.hostname, portOf(hop.url))
    return send(hop.url, {
      method: hop.method as Dispatcher.HttpMethod,
      headers: { 'accept-encoding': acceptedEncodings, ...hop.headers },
      body: hop.body ?? null,
      dispatcher: dispatcher ?? agentFor(request),
      signal,
      headersTimeout: 0,
      bodyTimeout: 0,
    })
  }

  const follow = async (request: HttpRequest, first: Hop, signal: AbortSignal): Promise<HttpResponse> => {
    let hop = first
    for (let redirects = 0; ; redirects++) {
      const answer = await sendHop(hop, request, signal)
      const location = headerText(answer.headers.location)
      const maxRedirects = request.maxRedirects ?? 21
      if (maxRedirects === 0 || !isRedirect(answer.statusCode) || location === '') return toResponse(answer, hop)
      await answer.body.dump()
      if (redirects >= maxRedirects)
        throw new WeConnectError('EGRESS_FAILED', `${first.url.origin} redirects more than ${maxRedirects} times`)
      hop = nextHop(hop, answer.statusCode, location)
    }
  }

  const toResponse = async (answer: Dispatcher.ResponseData, hop: Hop): Promise<HttpResponse> => ({
    status: answer.statusCode,
    statusText: answer.statusText,
    headers: plainHeaders(answer.headers),
    ...(await readBody(answer.body, headerText(answer.headers['content-encoding']), largestBody)),
    url: hop.url.href,
  })

  return {
    request: async (request, signal) => {
      const hop = firstHop(request)
      const timeoutMs = request.timeoutMs ?? defaultTimeoutMs
      const timeout = AbortSignal.timeout(timeoutMs)
      try {
        return await follow(request, hop, signal === undefined ? timeout : AbortSignal.any([signal, timeout]))
      } catch (error) {
        signal?.throwIfAborted()
        if (timeout.aborted) throw new WeConnectError('EGRESS_FAILED', `${hop.method} ${hop.url.origin}: no answer within ${timeoutMs} ms`)
        throw egressFailure(error, hop.method, hop.url)
      }
    },
    close: async () => {
      await Promise.all([agent, laxAgent, ...proxied.values()].map((each) => each.destroy()))
    },
  }
}
