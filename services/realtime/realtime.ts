import type { Server as HttpServer } from 'node:http'
import type { Admin } from '@weconnect/admin/admin'
import type { Journal } from '@weconnect/eventstore/journal'
import { Server, type ServerOptions } from 'socket.io'
import { authenticated, sessionOf } from './handshake.ts'
import { originAllowed } from './origins.ts'
import { openRooms } from './rooms.ts'
import { serveWatching } from './watching.ts'
import { serveSignalling } from './webrtc.ts'

export interface RealtimeParts {
  readonly httpServer: HttpServer
  readonly admin: Admin
  readonly journal: Journal
  /** Origins of pages that may connect, besides our own; `*` = all. */
  readonly frontendUrls: readonly string[]
  /** Milliseconds since the epoch. */
  readonly now: () => number
  /** Takes messages to rooms to their members on other processes; absent: this process has them all. */
  readonly adapter?: NonNullable<ServerOptions['adapter']> | undefined
  /** For errors that clients are told nothing of. */
  readonly report: (error: unknown) => void
}

export interface Realtime {
  connections(): number
  close(): Promise<void>
}

/** The socket.io push stream, at /socket.io/ of the given server: websocket and polling. */
export const startRealtime = ({ httpServer, admin, journal, frontendUrls, now, adapter, report }: RealtimeParts): Realtime => {
  const io = new Server(httpServer, {
    serveClient: false,
    maxHttpBufferSize: 65_536,
    cors: { origin: frontendUrls.includes('*') ? '*' : [...frontendUrls] },
    allowRequest: (request, decide) => decide(null, originAllowed(request, frontendUrls)),
    ...(adapter && { adapter }),
  })
  const rooms = openRooms(journal, (stream, error) => {
    report(error)
    // A client that reconnects goes on from its cursor; one that stays would miss events without knowing.
    io.local.in(stream.replace('-', ':')).disconnectSockets(true)
  })

  io.use(authenticated(admin))
  io.on('connection', (socket) => {
    const { principal } = sessionOf(socket)
    void socket.join([`user:${principal.userId}`, `org:${principal.organisationId}`])
    serveWatching(socket, { admin, journal, rooms, report })
    socket.emit('connected', { connectionId: socket.id, timestamp: new Date(now()).toISOString() })
  })
  const webrtc = io.of('/webrtc')
  webrtc.use(authenticated(admin))
  serveSignalling(webrtc)

  return {
    connections: () => io.engine.clientsCount,
    close: async () => {
      rooms.close()
      // The HTTP server is its owner's to close.
      io.local.disconnectSockets(true)
      webrtc.local.disconnectSockets(true)
      for (const namespace of [io.of('/'), webrtc]) await namespace.adapter.close()
      io.engine.close()
    },
  }
}
