import type { Admin } from '@weconnect/admin/admin'
import { decodeCursor } from '@weconnect/contracts/cursor'
import type { Envelope } from '@weconnect/contracts/envelope'
import { publicError, WeConnectError } from '@weconnect/contracts/errors'
import { idOf } from '@weconnect/contracts/ids'
import { isJsonObject } from '@weconnect/contracts/json'
import type { Journal } from '@weconnect/eventstore/journal'
import type { Socket } from 'socket.io'
import { type Watched, watchableStream } from './access.ts'
import { sessionOf } from './handshake.ts'
import type { Rooms, Watcher } from './rooms.ts'
import { updateOf } from './update.ts'

export interface WatchingParts {
  readonly admin: Admin
  readonly journal: Journal
  readonly rooms: Rooms
  /** For errors that the client is told nothing of. */
  readonly report: (error: unknown) => void
}

const idField = { execution: 'executionId', workflow: 'workflowId' } as const
/** Streams one connection may watch at a time. */
const maxWatched = 1000
/** Packets that may wait for one connection: history pauses at the first, a connection that is slower than the live events ends at the second. */
const pausesAt = 500
const endsAt = 20_000

/** engine.io documents the buffer, its types keep it private. */
const packetsWaiting = (socket: Socket): number =>
  (socket.conn as unknown as { readonly writeBuffer: readonly unknown[] }).writeBuffer.length

interface Request {
  readonly id: string
  readonly after: string | undefined
}

const requestOf = (type: Watched, message: unknown): Request => {
  const id = isJsonObject(message) ? message[idField[type]] : undefined
  const after = isJsonObject(message) ? message['after'] : undefined
  if (typeof id !== 'string') throw new WeConnectError('INVALID_INPUT', `Send {${idField[type]}}`)
  if (after !== undefined && typeof after !== 'string') throw new WeConnectError('INVALID_INPUT', 'after must be a cursor')
  return { id, after }
}

/** Answers subscribe_execution, subscribe_workflow and their unsubscribes of one connection. */
export const serveWatching = (socket: Socket, { admin, journal, rooms, report }: WatchingParts): void => {
  const watched = new Map<string, Watcher>()

  const fail = (error: unknown): void => {
    const { code, message } = publicError(error)
    if (code === 'INTERNAL') report(error)
    socket.emit('error', { code, message })
  }

  const leave = (stream: string): void => {
    const watcher = watched.get(stream)
    if (watcher === undefined) return
    watched.delete(stream)
    rooms.leave(stream, watcher)
    void socket.leave(stream.replace('-', ':'))
  }

  const push = (type: Watched, envelope: Envelope): void => {
    if (packetsWaiting(socket) > endsAt) throw new WeConnectError('RATE_LIMITED', 'Too slow; connect again and go on from your cursor')
    const update = updateOf(envelope, journal.logId)
    socket.emit(`${type}_update`, { [idField[type]]: idOf(envelope.stream), ...update })
  }

  /** Deliveries of a connection go one after the other, each only while its token is good. */
  let queue = Promise.resolve()
  const whileAllowed = (deliver: () => void): void => {
    queue = queue
      .then(() => admin.verifyToken(sessionOf(socket).token))
      .then(deliver)
      .catch((error: unknown) => {
        fail(error)
        socket.disconnect(true)
      })
  }

  const drained = async (): Promise<void> => {
    await queue
    while (socket.connected && packetsWaiting(socket) > pausesAt)
      await new Promise<void>((resolve) => {
        socket.conn.once('drain', resolve)
        socket.conn.once('close', () => resolve())
      })
  }

  const subscribe = async (type: Watched, message: unknown): Promise<void> => {
    const { id, after } = requestOf(type, message)
    const stream = await watchableStream(journal, sessionOf(socket).principal, type, id)
    const from = after === undefined ? undefined : decodeCursor(after, journal.logId)
    if (from !== undefined && from.stream !== stream) throw new WeConnectError('INVALID_INPUT', `The cursor is not one of this ${type}`)
    if (watched.size >= maxWatched) throw new WeConnectError('RATE_LIMITED', `One connection may watch ${maxWatched} at a time`)
    leave(stream)
    const watcher: Watcher = { deliver: (envelope) => whileAllowed(() => push(type, envelope)), drained }
    watched.set(stream, watcher)
    await socket.join(`${type}:${id}`)
    whileAllowed(() => socket.emit('subscribed', { type, id }))
    if (socket.connected) await rooms.join(stream, watcher, from?.revision)
  }

  const on = (event: string, act: (message: unknown) => Promise<void> | void): void => {
    socket.on(event, async (message: unknown) => {
      try {
        await act(message)
      } catch (error) {
        fail(error)
      }
    })
  }

  for (const type of ['execution', 'workflow'] as const) {
    on(`subscribe_${type}`, (message) => subscribe(type, message))
    on(`unsubscribe_${type}`, (message) => leave(`${type}-${requestOf(type, message).id}`))
  }
  socket.on('disconnect', () => {
    for (const stream of [...watched.keys()]) leave(stream)
  })
}
