import { isJsonObject } from '@weconnect/contracts/json'
import type { Namespace, Socket } from 'socket.io'
import { sessionOf } from './handshake.ts'

/** Forwarded to the connections of the user `to` who share a room with the sender. */
const forwarded = { webrtc_offer: 'offer', webrtc_answer: 'answer', webrtc_candidate: 'candidate' } as const
const maxRooms = 20

/** Rooms are of one organisation: the same name in another is another room. */
const roomOf = (socket: Socket, room: string): string => `webrtc:${sessionOf(socket).principal.organisationId}:${room}`
const userRoom = (room: string, userId: string): string => `${room}:user:${userId}`

/** Signalling for WebRTC: who is in a room, and offers, answers and candidates between its members. */
export const serveSignalling = (namespace: Namespace): void => {
  namespace.on('connection', (socket) => {
    const { userId } = sessionOf(socket).principal
    const joined = new Set<string>()

    socket.on('join_room', async (message: unknown) => {
      const name = isJsonObject(message) ? message['room'] : undefined
      if (typeof name !== 'string' || name === '' || name.length > 200)
        return void socket.emit('error', { code: 'INVALID_INPUT', message: 'Send {room}' })
      const room = roomOf(socket, name)
      if (joined.has(room)) return
      if (joined.size >= maxRooms)
        return void socket.emit('error', { code: 'RATE_LIMITED', message: `At most ${maxRooms} rooms at a time` })
      joined.add(room)
      await socket.join([room, userRoom(room, userId)])
      socket.to(room).emit('user_joined', { userId })
    })

    for (const [event, field] of Object.entries(forwarded))
      socket.on(event, (message: unknown) => {
        const to = isJsonObject(message) ? message['to'] : undefined
        if (!isJsonObject(message) || typeof to !== 'string')
          return void socket.emit('error', { code: 'INVALID_INPUT', message: `Send {to, ${field}}` })
        const targets = [...joined].map((room) => userRoom(room, to))
        if (targets.length > 0) socket.to(targets).emit(event, { from: userId, [field]: message[field] })
      })

    socket.on('disconnecting', () => {
      for (const room of joined) socket.to(room).emit('user_left', { userId })
    })
  })
}
