import type { Position } from '@weconnect/contracts/envelope'

export interface ProjectionStatus {
  readonly name: string
  readonly version: number
  /** `running`; `rebuilding` behind the tables that are being read; `stopped` by a poison event; `waiting` for the server that keeps it. */
  readonly state: 'running' | 'rebuilding' | 'stopped' | 'waiting'
  /** Last position that is in the tables; undefined before the first. */
  readonly position?: Position | undefined
  readonly eventsBehind: number
  /** Age of the newest applied event while events are missing; 0 when there are none. */
  readonly msBehind: number
  readonly rebuild?: RebuildProgress | undefined
  /** It reads nothing until it is resumed; only where it is fed from topics. */
  readonly paused?: boolean
  /** What stopped it. */
  readonly poison?:
    | { readonly eventId: string; readonly stream: string; readonly revision: number; readonly type: string; readonly error: string }
    | undefined
  /** Why the server that keeps it cannot be used now, with the variable that names it; only of read models that PostgreSQL does not keep. */
  readonly unreachable?: string | undefined
}

export interface RebuildProgress {
  readonly name: string
  /** Events applied so far. */
  readonly events: number
  readonly eventsPerSecond: number
  /** 0 to 1. */
  readonly fraction: number
  readonly done: boolean
}

/** The projections as the rest of the process sees them, whether they run in this thread or in one of their own. */
export interface Projector {
  status(): Promise<readonly ProjectionStatus[]>
  /** Builds the tables anew from the log behind those that are being read, then swaps them. @throws WeConnectError NOT_FOUND for an unknown name */
  rebuild(name: string, onProgress?: (progress: RebuildProgress) => void): Promise<RebuildProgress>
  /** Goes on from the poison event. @throws WeConnectError NOT_FOUND, PROJECTION_STOPPED when it stops at once again */
  retry(name: string): Promise<void>
  /**
   * Resolves when what was written up to `position` can be read. Costs a comparison when it already can.
   * @param options.names projections that matter; all unless given (those that are stopped by a poison event, or rebuild, are not waited for then)
   * @throws WeConnectError PROJECTION_BEHIND after `timeoutMs` (5,000 unless given), PROJECTION_STOPPED when one that is named is stopped
   */
  waitFor(position: Position, options?: { readonly names?: readonly string[]; readonly timeoutMs?: number }): Promise<void>
  close(): Promise<void>
}
