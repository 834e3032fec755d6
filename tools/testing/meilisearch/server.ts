import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { ApiError } from './errors.ts'
import { type Asked, answer, type State } from './routes.ts'
import { openTasks } from './tasks.ts'

export interface MeiliServer {
  readonly url: string
  readonly apiKey: string
  /** Every request that came, as `GET /path`. */
  readonly requests: readonly string[]
  stop(): Promise<void>
  /** At the same address, with its indexes. */
  start(): Promise<void>
  /** As after the loss of its disk. */
  forget(): void
  /** The next tasks fail as when the disk is full. */
  failTasks(count: number): void
}

/**
 * A stand-in for MeiliSearch, which cannot be had where this was written: it checks requests against the published API (paths, fields, keys,
 * filters, settings that a search needs), runs changes as tasks one after another, and answers with the published error codes. It finds words
 * as MeiliSearch says it does; its ranking is not MeiliSearch's.
 */
export const startMeiliServer = async (): Promise<MeiliServer> => {
  const apiKey = 'a key of this test'
  const requests: string[] = []
  let state: State = { indexes: new Map(), tasks: openTasks() }
  let server: Server | undefined
  let port = 0
  const start = async (): Promise<void> => {
    server = createServer((request, response) => {
      requests.push(`${request.method} ${request.url}`)
      const send = (status: number, body: unknown): void => {
        response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
      }
      askedOf(request, apiKey)
        .then((asked) => answer(state, asked))
        .then(
          ({ status, body }) => send(status, body),
          (error: unknown) =>
            error instanceof ApiError
              ? send(error.status, error.body)
              : send(500, { message: String(error), code: 'internal', type: 'internal' }),
        )
    }).listen(port, '127.0.0.1')
    await once(server, 'listening')
    port = (server.address() as AddressInfo).port
  }
  await start()
  return {
    url: `http://127.0.0.1:${port}`,
    ...{ apiKey, requests, start },
    stop: async () => {
      server?.closeAllConnections()
      await new Promise((resolve) => server?.close(resolve))
    },
    forget: () => {
      state = { indexes: new Map(), tasks: openTasks() }
    },
    failTasks: (count) => state.tasks.fail(count),
  }
}

const askedOf = async (request: IncomingMessage, apiKey: string): Promise<Asked> => {
  const url = new URL(request.url ?? '', 'http://x')
  const path = url.pathname.slice(1).split('/')
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  const { authorization } = request.headers
  if (path[0] !== 'health') {
    if (authorization === undefined)
      throw new ApiError(
        401,
        'missing_authorization_header',
        'The Authorization header is missing. It must use the bearer authorization method.',
        'auth',
      )
    if (authorization !== `Bearer ${apiKey}`) throw new ApiError(403, 'invalid_api_key', 'The provided API key is invalid.', 'auth')
  }
  const text = Buffer.concat(chunks).toString()
  const type = request.headers['content-type']
  if (text !== '' && type?.split(';')[0] !== 'application/json')
    throw new ApiError(
      415,
      type === undefined ? 'missing_content_type' : 'invalid_content_type',
      'A Content-Type header is missing or not supported.',
    )
  return {
    method: request.method ?? 'GET',
    path,
    query: Object.fromEntries(url.searchParams),
    body: text === '' ? undefined : parsed(text),
  }
}

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    throw new ApiError(400, 'malformed_payload', 'The `json` payload provided is malformed.')
  }
}
