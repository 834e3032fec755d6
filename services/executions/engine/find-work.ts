import { isWeConnectError } from '@weconnect/contracts/errors'
import { familyOf, idOf } from '@weconnect/contracts/ids'
import type { WorkRow } from '@weconnect/eventstore/port'
import { here as whereFound, workOfRequest } from '../dispatch/dispatch.ts'
import { followRequests } from '../dispatch/follow-requests.ts'
import { openLeftBehind } from '../dispatch/left-behind.ts'
import type { Peers } from '../dispatch/peers.ts'
import { followGrants } from '../flow/follow-grants.ts'
import type { Timer } from '../parts.ts'
import { handOver } from './hand-over.ts'
import { cancelled, hear } from './hearing.ts'
import type { EngineRoom } from './room.ts'

/** Milliseconds between two looks for what other engines left behind, while none of them goes. */
const lookAgainMs = 1000

/** What is asked for, or said, from now on. Resolves when the engine closes. */
export const followLog = (room: EngineRoom): Promise<void> =>
  followRequests(room.store, room.closing, {
    requested: (executionId, data) => {
      if (room.peers.owns(executionId)) requested(room, executionId, data)
    },
    cancelled: (executionId) => cancelled(room, executionId),
    told: (executionId) => hear(room, executionId),
    left: (executionId) => room.gate.left(executionId),
  }).catch((error: unknown) => {
    if (!room.closing.aborted) room.onError(error, '')
  })

const requested = (room: EngineRoom, executionId: string, data: Buffer): void => {
  if (room.here.has(executionId)) return
  const work = room.dispatch === whereFound ? undefined : workOfRequest(executionId, data)
  if (work) handOver(room, work)
  else void room.takeUp(executionId)
}

/** What is open in the log and not in hand here. */
export const handAll = (room: EngineRoom, rows: readonly WorkRow[]): void => {
  for (const row of rows) {
    const executionId = idOf(row.stream)
    if (familyOf(row.stream) !== 'execution' || room.here.has(executionId)) continue
    if (row.status === 'waiting') {
      if (row.dueAt !== undefined) handOver(room, { executionId, kind: 'goOn', dueAt: row.dueAt })
    } else handOver(room, { executionId, kind: row.status === 'ready' ? 'begin' : 'goOn', isLeftBehind: true })
  }
}

/** Of the open work, what falls to this engine and nobody has. */
export const unheld = ({ gate, peers, parts }: EngineRoom, rows: readonly WorkRow[]): WorkRow[] =>
  rows.filter(({ stream, worker }) => {
    const executionId = idOf(stream)
    const isElsewhere = worker !== undefined && worker !== parts.worker && peers.isAlive(worker)
    return !gate.isWaiting(executionId) && !isElsewhere && peers.owns(executionId)
  })

/** Takes up what other engines, or nobody, leave behind. Resolves when the engine closes. */
export const lookBesideOthers = async (room: EngineRoom): Promise<void> => {
  const { parts, store, peers, dispatch, here, gate, closing, takeUp, onError } = room
  const { clock, timer, worker } = parts
  const leftBehind = openLeftBehind(worker, peers)
  const granted = followGrants(store, closing, (executionId) => peers.owns(executionId) && void takeUp(executionId))
  let isOneGone = false
  while (!closing.aborted) {
    try {
      const rows = await store.openWork()
      if (isOneGone) handAll(room, unheld(room, rows.filter(isAskedFor)))
      // What was asked for and is in a queue waits there for whoever is free.
      const isQueued = dispatch.takes('begin')
      const open = rows.filter(({ stream, status }) => !here.has(idOf(stream)) && !(isQueued && status === 'ready'))
      for (const executionId of leftBehind(open, clock.now())) void takeUp(executionId, { isLeftBehind: true })
      await gate.lookAgain(rows.filter(({ stream }) => peers.owns(idOf(stream))))
    } catch (error) {
      if (!isWeConnectError(error, 'UNAVAILABLE')) onError(error, '')
    }
    isOneGone = await untilNextLook(timer, peers, closing)
  }
  await granted
}

/** Of an engine that died before it handed it over, no queue knows. */
const isAskedFor = ({ status }: WorkRow): boolean => status === 'ready'

/** What an engine had in hand that is gone is looked for at once. @returns whether one is gone */
const untilNextLook = async (timer: Timer, peers: Peers, closing: AbortSignal): Promise<boolean> => {
  const over = new AbortController()
  const signal = AbortSignal.any([closing, over.signal])
  const isOneGone = await Promise.race([timer.wait(lookAgainMs, signal).then(() => false), peers.gone(signal).then(() => true)])
  over.abort()
  return isOneGone
}
