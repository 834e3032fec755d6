import type { Envelope } from '@weconnect/contracts/envelope'
import type { Journal } from '@weconnect/eventstore/journal'

/** One who watches a stream. */
export interface Watcher {
  deliver(envelope: Envelope): void
  /** Resolves when it can take more: history is read no faster than it is sent. */
  drained(): Promise<void>
}

interface Member {
  readonly watcher: Watcher
  /** Revision it was given last; -1 = none yet. */
  delivered: number
  /** While it is given what came before, the room passes it by. */
  live: boolean
}

interface Room {
  readonly members: Map<Watcher, Member>
  /** Revision that the room passed on last. */
  passed: number
  readonly stop: AbortController
}

export interface Rooms {
  /**
   * Delivers what is appended to the stream from now on; with `after`, what was appended since that revision comes first. In order, each event once.
   * Resolves when it is live.
   */
  join(stream: string, watcher: Watcher, after?: number): Promise<void>
  leave(stream: string, watcher: Watcher): void
  close(): void
}

/**
 * One subscription of the log per watched stream, however many watch it, and none when nobody does: the log wakes only those whose stream was written.
 * @param failed told when the subscription of a room broke: its members get nothing more
 */
export const openRooms = (journal: Journal, failed: (stream: string, error: unknown) => void): Rooms => {
  const rooms = new Map<string, Room>()

  const drop = (stream: string, room: Room): void => {
    room.stop.abort()
    if (rooms.get(stream) === room) rooms.delete(stream)
  }

  const pass = (room: Room, envelope: Envelope): void => {
    room.passed = envelope.revision
    for (const member of room.members.values()) if (member.live) give(member, envelope)
  }

  const feed = async (stream: string, room: Room): Promise<void> => {
    try {
      for await (const batch of journal.subscribe({ after: 'end', stream, signal: room.stop.signal }))
        for (const envelope of batch) pass(room, envelope)
    } catch (error) {
      if (!room.stop.signal.aborted) failed(stream, error)
    }
    drop(stream, room)
  }

  const open = (stream: string): Room => {
    const room: Room = { members: new Map(), passed: -1, stop: new AbortController() }
    rooms.set(stream, room)
    // Reaches the subscribe call before it returns, so that nothing appended from here on is missed.
    void feed(stream, room)
    return room
  }

  const catchUp = async (stream: string, room: Room, member: Member): Promise<void> => {
    do {
      for await (const envelope of journal.read(stream, { from: member.delivered + 1 })) {
        if (!room.members.has(member.watcher)) return
        give(member, envelope)
        await member.watcher.drained()
      }
      // What the room passed on during the last read has been read past only if it was there in time.
    } while (room.passed > member.delivered)
    member.live = true
  }

  return {
    join: async (stream, watcher, after) => {
      const room = rooms.get(stream) ?? open(stream)
      if (room.members.has(watcher)) return
      const member: Member = { watcher, delivered: after ?? -1, live: after === undefined }
      room.members.set(watcher, member)
      if (after !== undefined) await catchUp(stream, room, member)
    },
    leave: (stream, watcher) => {
      const room = rooms.get(stream)
      if (room?.members.delete(watcher) && room.members.size === 0) drop(stream, room)
    },
    close: () => {
      for (const [stream, room] of [...rooms]) drop(stream, room)
    },
  }
}

const give = (member: Member, envelope: Envelope): void => {
  if (envelope.revision <= member.delivered) return
  member.delivered = envelope.revision
  member.watcher.deliver(envelope)
}
