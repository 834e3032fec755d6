import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

/** One thing that was done for somebody, and cannot be undone. */
export interface Effect {
  readonly path: string
  readonly delivery: string
  readonly key: string
}

export interface Provider {
  readonly url: string
  /** Of every call that did something: a known key of /keyed does nothing more. */
  readonly effects: readonly Effect[]
  /** Is called when the effect of the next call to a path, of that delivery if one is given, is done, and before it is answered. */
  beforeAnswer(path: string, act: () => void, delivery?: string): void
  close(): Promise<void>
}

/** A service of somebody else with a ledger: /keyed honours Idempotency-Key, /plain does what it is asked each time. */
export const openProvider = async (): Promise<Provider> => {
  const effects: Effect[] = []
  const answered = new Map<string, string>()
  const acts = new Map<string, { readonly act: () => void; readonly of: string | undefined }>()
  const answerTo = (path: string, delivery: string, key: string): string => {
    const known = path === '/keyed' ? answered.get(key) : undefined
    if (known !== undefined) return known
    effects.push({ path, delivery, key })
    const answer = JSON.stringify({ effect: effects.length })
    answered.set(key, answer)
    return answer
  }
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const path = request.url ?? ''
      const { delivery } = JSON.parse(Buffer.concat(chunks).toString()) as { delivery: string }
      const body = answerTo(path, delivery, String(request.headers['idempotency-key'] ?? ''))
      const next = acts.get(path)
      if (next && (next.of === undefined || next.of === delivery)) {
        acts.delete(path)
        next.act()
      }
      response.writeHead(200, { 'content-type': 'application/json' })
      response.end(body)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    effects,
    beforeAnswer: (path, act, of) => void acts.set(path, { act, of }),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}
