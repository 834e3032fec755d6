import type { ToolName } from './tools.ts'

export type EngineName = 'kafka' | 'registry' | 'mongo' | 'influx' | 'redis' | 'minio' | 'smtp' | 'imap'

/** A process to start. */
export interface Launch {
  /** Program and arguments. */
  readonly command: readonly string[]
  readonly env?: Readonly<Record<string, string>>
  readonly cwd?: string
}

/** Where an engine lives: what was installed, what belongs to one instance of it, and the loopback ports it was given. */
export interface Place {
  readonly installed: string
  readonly data: string
  readonly ports: readonly number[]
}

/** How one real server is installed, started and known to be ready. Stopping is the same for all: by process id. */
export interface Engine {
  readonly name: EngineName
  readonly version: string
  /** What of the system it needs. */
  readonly needs: readonly ToolName[]
  readonly portCount: number
  /** Fills an empty folder. */
  install(folder: string): Promise<void>
  /** Prepares the data folder (it may hold data of an earlier run) and says what to start. */
  launch(place: Place): Promise<Launch>
  isReady(place: Place): Promise<boolean>
  /** What a program that uses it finds in its environment. */
  variables(place: Place): Readonly<Record<string, string>>
}
