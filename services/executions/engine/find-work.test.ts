import type { WorkRow } from '@weconnect/eventstore/port'
import { expect, test } from 'vitest'
import type { Work } from '../dispatch/dispatch.ts'
import { lookBesideOthers } from './find-work.ts'
import type { EngineRoom } from './room.ts'
import { RunsHere } from './runs-here.ts'

/** An engine with a queue, beside one that it takes for alive until it is gone. */
const besideAnother = (rows: readonly WorkRow[]) => {
  const closing = new AbortController()
  const offered: Work[] = []
  let looks = 0
  let mourn: (() => void) | undefined
  const room = {
    parts: { worker: 'own', clock: { now: () => 0 }, timer: { wait: (_: number, signal: AbortSignal) => aborted(signal) } },
    store: {
      openWork: async () => {
        looks += 1
        return rows
      },
      subscribe: ({ signal }: { signal: AbortSignal }) => nothingUntil(signal),
    },
    peers: { owns: () => true, isAlive: () => false, gone: () => new Promise<void>((resolve) => (mourn = resolve)) },
    dispatch: { takes: () => true, offer: (work: Work) => offered.push(work) > 0 },
    here: new RunsHere(),
    gate: { isWaiting: () => false, lookAgain: async () => undefined },
    closing: closing.signal,
    takeUp: async () => undefined,
    onError: (error: unknown) => {
      throw error
    },
  } as unknown as EngineRoom
  return { room, offered, looks: () => looks, die: () => mourn?.(), close: () => closing.abort() }
}
const aborted = (signal: AbortSignal): Promise<void> => new Promise((resolve) => signal.addEventListener('abort', () => resolve()))
const nothingUntil = (signal: AbortSignal): AsyncIterable<never> => ({
  [Symbol.asyncIterator]: () => ({ next: () => aborted(signal).then(() => ({ done: true, value: undefined })) }),
})

test('what was asked for of an engine that dies before it has handed it over, is handed over when it is gone', async () => {
  const { room, offered, looks, die, close } = besideAnother([
    { stream: 'execution-asked', status: 'ready' },
    { stream: 'execution-waits', status: 'waiting', dueAt: 1 },
  ])
  const looking = lookBesideOthers(room)
  await expect.poll(looks).toBe(1)
  expect(offered).toEqual([])
  die()
  await expect.poll(() => offered).toEqual([{ executionId: 'asked', kind: 'begin', isLeftBehind: true }])
  close()
  await looking
})
