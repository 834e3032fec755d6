import { randomBytes, randomUUID } from 'node:crypto'
import { globSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { openTokens } from '@weconnect/admin/tokens'
import { openKeyFile } from '@weconnect/secrets/key-file'
import { io } from 'socket.io-client'
import { expect } from 'vitest'
import WebSocket from 'ws'
import type { Instance } from '../instance.ts'
import { readLog } from './recorded-log.ts'

/** An error as any of our transports tells it. */
export interface Told {
  readonly status: number
  readonly code: string
  readonly message: string
  readonly problems: readonly { readonly code: string; readonly message: string; readonly node?: string; readonly parameter?: string }[]
}

/** What an answer must never show: a stack, a path of the machine, SQL, a module, an address of the inside. */
const inside = [
  /\n\s+at /,
  /node_modules|node:internal|\.ts\b|file:\/\//,
  /\/(?:home|tmp|var|usr|work|root)\//,
  /\b(?:select|insert into|update|delete from)\b.+\b(?:from|where|values|set)\b/i,
  /SQLITE|ECONN|EPIPE|FST_|MER_ERR|HPE_|RangeError|TypeError|SyntaxError|Internal error|undefined/,
]

/** Reads the one error of an answer, and that it shows nothing of the inside. */
export const toldBy = (status: number, text: string): Told => {
  for (const pattern of inside) expect(text).not.toMatch(pattern)
  const body = JSON.parse(text) as {
    readonly error?: Omit<Told, 'status'>
    readonly errors?: readonly {
      readonly message: string
      readonly extensions: { readonly code: string; readonly problems?: Told['problems'] }
    }[]
    readonly data?: unknown
  }
  const [first] = body.errors ?? []
  const { code = '', message = '', problems = [] } = body.error ?? (first ? { message: first.message, ...first.extensions } : {})
  return { status, code, message, problems }
}

export const answered = async (answer: Response): Promise<Told> => toldBy(answer.status, await answer.text())

/** A request byte by byte. Ends the connection after it only when told to: a caller that hangs up is another case. */
export const sendRaw = (instance: Instance, request: string, { hangUp }: { readonly hangUp: boolean }): Promise<Told> =>
  new Promise((resolve, reject) => {
    const socket = connect(
      Number(new URL(instance.url()).port),
      '127.0.0.1',
      () => void (hangUp ? socket.end(request) : socket.write(request)),
    )
    let text = ''
    socket.on('data', (chunk: Buffer) => {
      text += chunk.toString()
    })
    socket.on('error', reject)
    socket.on('close', () => {
      try {
        const [head = '', body = ''] = text.split('\r\n\r\n', 2)
        resolve(toldBy(Number(head.split(' ')[1]), body))
      } catch (error) {
        reject(error)
      }
    })
  })

/** What stays behind of a request: events, and the blobs that events name. */
const written = async ({ dataFolder }: Instance) => ({
  events: (await readLog(dataFolder)).map(({ eventId }) => eventId),
  blobs: globSync('**/*', { cwd: join(dataFolder, 'blobs') }).sort(),
})

/** Does the work, and looks that neither the log nor the blobs have changed and that the product still answers. */
export const writingNothing = async <Result>(instance: Instance, work: () => Promise<Result>): Promise<Result> => {
  const before = await written(instance)
  const result = await work()
  expect((await fetch(`${instance.url()}/ready`)).status).toBe(200)
  expect(await written(instance)).toEqual(before)
  return result
}

const base64 = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url')

/** Tokens that let nobody in, by what is wrong with them; undefined = none at all. */
export const badTokens = async (
  instance: Instance,
): Promise<ReadonlyMap<string, { readonly token: string | undefined; readonly code: string }>> => {
  const good = await instance.token()
  const [header = '', claims = '', signature = ''] = good.split('.')
  const { me } = await instance.graphql<{ me: { id: string; organizationId: string } }>('{ me { id organizationId } }')
  const principal = { userId: me.id, organisationId: me.organizationId, role: 'owner' as const }
  const issue = (key: Buffer, nowMs: number) => openTokens(key).issue({ principal, tokenId: randomUUID(), nowMs, ttlSeconds: 60 })
  const own = openKeyFile(join(instance.dataFolder, 'keys.json')).derive('jwt')
  const grown = { ...(JSON.parse(Buffer.from(claims, 'base64url').toString()) as object), exp: 4_000_000_000 }
  const unknown = { code: 'UNAUTHENTICATED' }
  return new Map([
    ['no token', { token: undefined, ...unknown }],
    ['no JWT', { token: 'nonsense', ...unknown }],
    ['signed by another key', { token: await issue(randomBytes(32), Date.now()), ...unknown }],
    ['with claims that were changed', { token: `${header}.${base64(grown)}.${signature}`, ...unknown }],
    ['with alg none', { token: `${base64({ alg: 'none', typ: 'JWT' })}.${claims}.`, ...unknown }],
    ['with alg none and the old signature', { token: `${base64({ alg: 'none', typ: 'JWT' })}.${claims}.${signature}`, ...unknown }],
    ['expired', { token: await issue(own, Date.now() - 3_600_000), code: 'TOKEN_EXPIRED' }],
  ])
}

/** Asks for a subscription with this token. @returns the code it is refused with */
export const subscribeWith = (instance: Instance, token: string | undefined): Promise<string> =>
  new Promise((resolve, reject) => {
    const socket = new WebSocket(`${instance.url().replace('http', 'ws')}/graphql`, 'graphql-transport-ws')
    const end = (code: string): void => {
      socket.terminate()
      resolve(code)
    }
    const payload = token === undefined ? {} : { authorization: `Bearer ${token}` }
    const query = 'subscription { executions { id } }'
    socket.on('open', () => socket.send(JSON.stringify({ type: 'connection_init', payload })))
    socket.on('message', (data: Buffer) => {
      const message = JSON.parse(data.toString()) as { type: string; payload?: readonly { extensions: { code: string } }[] }
      if (message.type === 'connection_ack') socket.send(JSON.stringify({ id: '1', type: 'subscribe', payload: { query } }))
      if (message.type === 'error') end(message.payload?.[0]?.extensions.code ?? '')
    })
    socket.on('close', (_, reason) => end(reason.toString().split(':')[0] ?? ''))
    socket.on('error', reject)
  })

/** Connects to the push stream with this token. @returns the code it is refused with */
export const connectWith = (instance: Instance, token: string | undefined): Promise<string> =>
  new Promise((resolve) => {
    const socket = io(instance.url(), {
      auth: token === undefined ? {} : { token },
      transports: ['websocket'],
      reconnection: false,
      forceNew: true,
    })
    const end = (code: string): void => {
      socket.disconnect()
      resolve(code)
    }
    socket.once('connected', () => end('connected'))
    socket.once('connect_error', (error: Error & { data?: { code?: string } }) => end(error.data?.code ?? error.message))
  })
