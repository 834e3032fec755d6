import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Admin, defaultOrganisationId, openAdmin } from '@weconnect/admin/admin'
import { openFileBlobs } from '@weconnect/blobs/files'
import { encodeCursor } from '@weconnect/contracts/cursor'
import type { Context, DomainEvent } from '@weconnect/contracts/envelope'
import { openEmbeddedEventStore } from '@weconnect/eventstore/embedded'
import { type Head, type Journal, noStream } from '@weconnect/eventstore/journal'
import { openJournal } from '@weconnect/eventstore/open-journal'
import { openKeyFile } from '@weconnect/secrets/key-file'
import { io, type Socket } from 'socket.io-client'
import { v4 as uuid } from 'uuid'
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest'
import { type Realtime, startRealtime } from './realtime.ts'

const folder = mkdtempSync(join(tmpdir(), 'weconnect-realtime-'))
const store = openEmbeddedEventStore({ folder })
const keys = openKeyFile(join(folder, 'keys.json'))
const blobs = openFileBlobs({ folder: join(folder, 'blobs'), addressKey: (organisationId) => keys.derive(`blobs:${organisationId}`) })
const journal: Journal = openJournal({ store, keyring: keys, blobs, now: () => new Date().toISOString(), newId: uuid })
const httpServer = createServer()
let clock = Date.now()
let admin: Admin
let realtime: Realtime
let token: string
let url: string
const open: Socket[] = []

beforeAll(async () => {
  admin = openAdmin({ journal, keyring: keys, newId: uuid, now: () => clock, random: (bytes) => Buffer.alloc(bytes, 1) })
  const owner = await admin.ensureOwner({ email: 'ada@example.org', password: 'correct horse' })
  token = (await admin.issueToken(owner.userId)).token
  realtime = startRealtime({ httpServer, admin, journal, frontendUrls: ['https://front.example'], now: () => clock, report: () => {} })
  await new Promise<void>((resolve) => httpServer.listen(0, '127.0.0.1', resolve))
  url = `http://127.0.0.1:${(httpServer.address() as AddressInfo).port}`
})
afterEach(() => {
  for (const socket of open.splice(0)) socket.disconnect()
})
afterAll(async () => {
  await realtime.close()
  await new Promise((resolve) => httpServer.close(resolve))
  await store.close()
  rmSync(folder, { recursive: true })
})

const connect = (auth: object = { token }, options: object = {}, path = ''): Socket => {
  const socket = io(`${url}${path}`, { auth, reconnection: false, forceNew: true, transports: ['websocket'], ...options })
  open.push(socket)
  return socket
}
const next = <Message>(socket: Socket, event: string): Promise<Message> => new Promise((resolve) => socket.once(event, resolve))
const refusal = async (socket: Socket): Promise<unknown> => (await next<Error & { data?: unknown }>(socket, 'connect_error')).data
const received = (socket: Socket, event: string): Record<string, unknown>[] => {
  const messages: Record<string, unknown>[] = []
  socket.on(event, (message) => messages.push(message))
  return messages
}

const contextOf = (organisationId: string): Context => ({ actor: 'system', organisationId, correlationId: 'c', causationId: 'c' })
const workflow = async (organisationId = defaultOrganisationId) => {
  const id = uuid()
  let head: Head = noStream
  const append = async (...events: DomainEvent[]) => {
    const written = await journal.append(`workflow-${id}`, head, events, contextOf(organisationId))
    head = written.head
    return written.token
  }
  const created = await append({
    type: 'WorkflowCreated',
    data: { workflowId: id, organisationId, name: 'First', tags: [], settings: {}, source: 'created' },
  })
  return { id, append, created, rename: (name: string) => append({ type: 'WorkflowRenamed', data: { name } }) }
}

test('without a token, with a forged one or with an expired one there is no connection', async () => {
  expect(await refusal(connect({}))).toMatchObject({ code: 'UNAUTHENTICATED' })
  expect(await refusal(connect({ token: `${token}x` }))).toMatchObject({ code: 'UNAUTHENTICATED' })
  const { token: short } = await admin.issueToken((await admin.verifyToken(token)).userId, 1)
  clock += 1500
  expect(await refusal(connect({ token: short }))).toMatchObject({ code: 'TOKEN_EXPIRED' })
})

test.each([['websocket'], ['polling']])('a connection over %s is greeted', async (transport) => {
  const socket = connect({}, { transports: [transport], extraHeaders: { authorization: `Bearer ${token}` } })
  const greeting = await next<{ connectionId: string; timestamp: string }>(socket, 'connected')
  expect(greeting).toEqual({ connectionId: socket.id, timestamp: new Date(clock).toISOString() })
})

test('a page of another origin is refused, a listed one is not', async () => {
  const refused = connect({ token }, { extraHeaders: { origin: 'https://elsewhere.example' } })
  await next(refused, 'connect_error')
  expect(refused.connected).toBe(false)
  await next(connect({ token }, { extraHeaders: { origin: 'https://front.example' } }), 'connected')
})

test('updates come in the order of the log', async () => {
  const { id, rename } = await workflow()
  const socket = connect()
  const updates = received(socket, 'workflow_update')
  socket.emit('subscribe_workflow', { workflowId: id })
  expect(await next(socket, 'subscribed')).toEqual({ type: 'workflow', id })
  for (const name of ['a', 'b', 'c']) await rename(name)
  await vi.waitFor(() => expect(updates.map(({ data }) => (data as { name: string }).name)).toEqual(['a', 'b', 'c']))
  expect(updates[0]).toMatchObject({
    workflowId: id,
    type: 'WorkflowRenamed',
    revision: 1,
    cursor: expect.any(String),
    timestamp: expect.any(String),
  })
  expect(new Set(updates.map(({ id: event }) => event)).size).toBe(3)
})

test('from a cursor there is no gap, no repetition and no reordering, while events go on', async () => {
  const { id, created, rename } = await workflow()
  for (let n = 1; n <= 50; n++) await rename(`${n}`)
  const socket = connect()
  const updates = received(socket, 'workflow_update')
  await next(socket, 'connected')
  socket.emit('subscribe_workflow', { workflowId: id, after: encodeCursor(created) })
  for (let n = 51; n <= 100; n++) await rename(`${n}`)
  await vi.waitFor(() => expect(updates).toHaveLength(100))
  expect(updates.map(({ revision }) => revision)).toEqual(Array.from({ length: 100 }, (_, index) => index + 1))

  const again = connect()
  const rest = received(again, 'workflow_update')
  again.emit('subscribe_workflow', { workflowId: id, after: updates[97]?.['cursor'] })
  await vi.waitFor(() => expect(rest.map(({ id: event }) => event)).toEqual(updates.slice(98).map(({ id: event }) => event)))
})

test('what another organisation has, and what is not there, is refused with the same words', async () => {
  const foreign = await workflow(uuid())
  const socket = connect()
  const refusalOf = async (event: string, message: unknown) => {
    const answer = next(socket, 'error')
    socket.emit(event, message)
    return answer
  }
  const unknown = { code: 'NOT_FOUND', message: 'There is no such workflow' }
  expect(await refusalOf('subscribe_workflow', { workflowId: foreign.id })).toEqual(unknown)
  expect(await refusalOf('subscribe_workflow', { workflowId: uuid() })).toEqual(unknown)
  expect(await refusalOf('subscribe_execution', { executionId: uuid() })).toMatchObject({ code: 'NOT_FOUND' })
  expect(await refusalOf('subscribe_execution', { executionId: '../x' })).toMatchObject({ code: 'INVALID_INPUT' })
  expect(await refusalOf('subscribe_execution', null)).toMatchObject({ code: 'INVALID_INPUT' })
})

test('after an unsubscribe nothing comes', async () => {
  const [left, kept] = [await workflow(), await workflow()]
  const socket = connect()
  const updates = received(socket, 'workflow_update')
  for (const { id } of [left, kept]) {
    socket.emit('subscribe_workflow', { workflowId: id })
    await next(socket, 'subscribed')
  }
  socket.emit('unsubscribe_workflow', { workflowId: left.id })
  const socketIsThrough = next(socket, 'error')
  socket.emit('subscribe_workflow', null)
  await socketIsThrough
  await left.rename('unseen')
  await kept.rename('seen')
  await vi.waitFor(() => expect(updates.map(({ workflowId }) => workflowId)).toEqual([kept.id]))
})

test('a connection ends with its token', async () => {
  const { id, rename } = await workflow()
  const { token: short } = await admin.issueToken((await admin.verifyToken(token)).userId, 60)
  const socket = connect({ token: short })
  socket.emit('subscribe_workflow', { workflowId: id })
  await next(socket, 'subscribed')
  const [ended, said] = [next(socket, 'disconnect'), next(socket, 'error')]
  clock += 61_000
  await rename('unseen')
  expect(await said).toMatchObject({ code: 'TOKEN_EXPIRED' })
  await ended
})

test('webrtc: members of a room exchange offers, answers and candidates; others get nothing', async () => {
  const [one, two] = [connect({ token }, {}, '/webrtc'), connect({ token }, {}, '/webrtc')]
  const { userId } = await admin.verifyToken(token)
  one.emit('join_room', { room: 'r' })
  one.emit('webrtc_offer', { to: userId, offer: 'nobody is there' })
  one.emit('join_room', {})
  await next(one, 'error')
  const joined = next(one, 'user_joined')
  const offers = received(two, 'webrtc_offer')
  two.emit('join_room', { room: 'r' })
  expect(await joined).toEqual({ userId })
  one.emit('webrtc_offer', { to: userId, offer: { sdp: 'x' } })
  await vi.waitFor(() => expect(offers).toEqual([{ from: userId, offer: { sdp: 'x' } }]))
  const answered = next(one, 'webrtc_answer')
  two.emit('webrtc_answer', { to: userId, answer: 1 })
  expect(await answered).toEqual({ from: userId, answer: 1 })
  const left = next(one, 'user_left')
  two.disconnect()
  expect(await left).toEqual({ userId })
})

test('webrtc needs a token too', async () => {
  expect(await refusal(connect({}, {}, '/webrtc'))).toMatchObject({ code: 'UNAUTHENTICATED' })
})
