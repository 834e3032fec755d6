import type { Position } from '@weconnect/contracts/envelope'

export interface RelayStatus {
  /** `standby`: another relay publishes; this one never takes over by itself, but only when it is started again or, beside others, when it is given their seat. `retrying`: Kafka or the registry is away. */
  readonly state: 'starting' | 'running' | 'retrying' | 'standby' | 'stopped'
  /** Of the last event whose batch was committed. */
  readonly position?: Position
  /** Events of the log after that one. In another log than the embedded one: a number that grows with them. */
  readonly eventsBehind: number
  /** Published since the start. */
  readonly eventsPublished: number
  /** Why it does not run. */
  readonly problem?: string
}

/** Publishes the log to topics, for as long as it lives. */
export interface Relay {
  status(): Promise<RelayStatus>
  close(): Promise<void>
}

/** Time and timers, given by the composition root. */
export interface RelayTimers {
  /** Milliseconds, or sooner when the signal aborts. */
  wait(ms: number, signal: AbortSignal): Promise<void>
  /** What has arrived from elsewhere is handled before it resolves. */
  turn(): Promise<void>
}
