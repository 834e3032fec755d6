import type { Position } from '@weconnect/contracts/envelope'

/** An event as it is handed to the log: bytes, stored and returned unchanged. */
export interface EventBytes {
  /** UUID. An append that is repeated with the same ids at the same revision is answered as if it were the first. */
  readonly id: string
  readonly type: string
  readonly data: Buffer
  readonly metadata: Buffer
}

export interface StoredEvent extends EventBytes {
  readonly stream: string
  /** 0 for the first event of a stream. */
  readonly revision: number
  readonly position: Position
  /** How many events of the same append come after this one; absent when the log cannot tell where appends end. */
  readonly following?: number
}

/** `none`: the stream must not exist; a number: the revision of its last event; `any`: no check. */
export type ExpectedRevision = 'none' | 'any' | number

export interface Appended {
  /** Revision of the last event of the append. */
  readonly revision: number
  readonly position: Position
}

/**
 * What the engine keeps of every execution that has not ended, written in the same transaction as the append that causes it (embedded) or
 * by a projection of its own (real engines). Recovery reads these rows, never the whole log.
 */
export interface WorkRow {
  readonly stream: string
  /** `ready`: may be claimed; `running`: claimed; `waiting`: nothing to do until `dueAt`, or until a signal when that is absent. */
  readonly status: 'ready' | 'running' | 'waiting'
  readonly worker?: string
  readonly epoch?: number
  /** Milliseconds since the epoch. */
  readonly dueAt?: number
}

/** Says what an append does to the work row of its stream: a new row, `done` (remove it), or undefined (leave it). Pure. */
export type WorkOf = (stream: string, events: readonly EventBytes[]) => WorkRow | 'done' | undefined

export interface ReadOptions {
  readonly from?: number
  readonly direction?: 'forwards' | 'backwards'
  /** Default: all. */
  readonly limit?: number
}
export interface ReadAllOptions {
  /** Exclusive. Absent: from the start (forwards) or from the end (backwards). */
  readonly after?: Position | undefined
  readonly direction?: 'forwards' | 'backwards'
  readonly limit: number
}

export interface SubscribeOptions {
  /** Exclusive; `start` = everything, `end` = only what comes from now on. */
  readonly after: Position | 'start' | 'end'
  /** Only streams of these families. */
  readonly families?: readonly string[]
  /** Only this stream. */
  readonly stream?: string
  readonly signal?: AbortSignal
}

/**
 * The event log. Appends are durable when the promise resolves. One append goes to one stream and is at most 512 KiB with metadata.
 * @throws WeConnectError REVISION_CONFLICT, APPEND_TOO_LARGE, DISK_FULL, STORAGE_FAILED, CURSOR_OF_ANOTHER_LOG
 */
export interface EventStore {
  /** Names this log in positions and tokens. */
  readonly logId: string
  append(stream: string, expected: ExpectedRevision, events: readonly EventBytes[]): Promise<Appended>
  /** An unknown stream reads as empty. */
  read(stream: string, options?: ReadOptions): AsyncIterable<StoredEvent>
  /** At most `limit` events, in log order (or its reverse). An append is never split unless it is larger than the limit, so only an empty answer means the end. */
  readAll(options: ReadAllOptions): Promise<readonly StoredEvent[]>
  /** Position of the last event, undefined for an empty log. */
  head(): Promise<Position | undefined>
  /** Catches up, then goes live, with no gap and no duplicate. A slow reader is fed from disk, so it never grows memory. Ends on abort. */
  subscribe(options: SubscribeOptions): AsyncIterable<readonly StoredEvent[]>
  /** Rows of executions that have not ended. */
  openWork(): Promise<readonly WorkRow[]>
  /** What the store itself can tell is wrong with its files, beyond what a reader sees. Absent: it cannot tell. */
  integrity?(): Promise<readonly IntegrityProblem[]>
  close(): Promise<void>
}

export interface IntegrityProblem {
  readonly stream?: string
  readonly revision?: number
  readonly position?: Position
  readonly problem: string
}

/** Bytes of one append, metadata included. KurrentDB's default limit is 1 MiB. */
export const maxAppendBytes = 512 * 1024
