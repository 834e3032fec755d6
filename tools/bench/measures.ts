import type { W5 } from './relay-speed.ts'
import type { W9 } from './subscriber-latency.ts'
import type { W8 } from './topic-projection-speed.ts'

/** The figures of one bench run. Times in milliseconds, memory in megabytes, CPU in milliseconds per 1,000 requests. */
export interface W1Row {
  readonly connections: number
  readonly requestsPerSecond: number
  readonly bareRequestsPerSecond: number
  /** requestsPerSecond / bareRequestsPerSecond */
  readonly ratio: number
  readonly p50Ms: number
  readonly p99Ms: number
  readonly bareP50Ms: number
  readonly bareP99Ms: number
  /** Owner, projector, PostgreSQL and code runners together. */
  readonly cpuMsPer1000: number
  readonly rssMb: number
  /** Age of the oldest event that the slowest projection had not applied when the load ended. */
  readonly lagMsAtEnd: number
  /** From the end of the load until every projection had applied everything; -1 = longer than was waited for. */
  readonly catchUpMs: number
}
export interface W2Row {
  readonly connections: number
  readonly requestsPerSecond: number
  readonly itemsPerSecond: number
  readonly p50Ms: number
  readonly p99Ms: number
}
export interface W3 {
  /** New data folder: keys, owner and database are made. */
  readonly firstStartMs: number
  /** The same folder again. */
  readonly nextStartMs: number
  readonly idleRssMb: number
}
export interface W4 {
  /** One long execution, folded and run again against its recorded effects. */
  readonly replayEvents: number
  /** Reading and folding the stream, median of those after the first. */
  readonly replayEventsPerSecond: number
  /** The first: nothing of the code that folds was compiled yet. */
  readonly firstReplayEventsPerSecond: number
  /** Folding it and running every step again, median of those after the first. */
  readonly rerunEventsPerSecond: number
  /** The execution list, from the first event of the log to its last. */
  readonly rebuildProjection: string
  readonly rebuildEvents: number
  readonly rebuildEventsPerSecond: number
}
/** Expressions, each over 1,000 different items. Nanoseconds for one evaluation. */
export interface W6 {
  /** `{{ $json.a + 1 }}`, on one core. */
  readonly simplePerSecond: number
  /** All 20 expressions of expressions.json once. */
  readonly fileNs: number
  /** The same source through `new Function`. */
  readonly functionNs: number
  readonly ratio: number
  readonly medianRatio: number
  readonly worstRatio: number
}
/** Many items, and many nodes. */
export interface W7 {
  /** A Code node over 1,000 items, its runner warm: as its step records it, and of the whole request. */
  readonly codeStepMs: number
  readonly codeRequestMs: number
  /** 100,000 items of three fields through Set, Filter, Sort, Aggregate: from the start of Set to the end of Aggregate. */
  readonly stepsMs: number
  /** The same from sending the 10 MB to the durable end. */
  readonly requestMs: number
  /** Highest resident memory of the Node processes meanwhile. */
  readonly nodeRssMb: number
  /** A file of 500 nodes. */
  readonly importMs: number
}
export interface Figures {
  readonly w1?: readonly W1Row[]
  readonly w2?: readonly W2Row[]
  readonly w3?: W3
  readonly w4?: W4
  readonly w5?: W5
  readonly w6?: W6
  readonly w7?: W7
  readonly w8?: W8
  readonly w9?: W9
}

/** How long and how often to measure. */
export interface Effort {
  readonly rounds: number
  readonly warmUpSeconds: number
  readonly seconds: number
  readonly bareSeconds: number
  readonly catchUpLimitMs: number
  readonly starts: number
  readonly loopRounds: number
  readonly relayEvents: number
  /** Under a steady load. */
  readonly latencySeconds: number
  readonly settleMs: number
  /** For one expression. */
  readonly expressionSeconds: number
  readonly dataRounds: number
}
export const full: Effort = {
  rounds: 3,
  warmUpSeconds: 3,
  seconds: 30,
  bareSeconds: 10,
  catchUpLimitMs: 120_000,
  starts: 3,
  loopRounds: 20_000,
  relayEvents: 200_000,
  latencySeconds: 60,
  settleMs: 5_000,
  expressionSeconds: 2,
  dataRounds: 5,
}
/** The whole bench in less than a minute: good to see a direction, not to set a bar. */
export const quick: Effort = {
  rounds: 1,
  warmUpSeconds: 0.5,
  seconds: 3,
  bareSeconds: 2,
  catchUpLimitMs: 2_000,
  starts: 1,
  loopRounds: 1_000,
  relayEvents: 40_000,
  latencySeconds: 10,
  settleMs: 500,
  expressionSeconds: 0.3,
  dataRounds: 2,
}
