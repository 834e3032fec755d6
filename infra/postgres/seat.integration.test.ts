import { setTimeout as wait } from 'node:timers/promises'
import { testDatabase } from '@weconnect/testing/postgres'
import { expect, test } from 'vitest'
import { takeSeat } from './seat.ts'

const timer = { wait: (ms: number, signal: AbortSignal) => wait(ms / 20, undefined, { signal }).catch(() => undefined) }

test('one at a time: the next has the seat when the first leaves, or when its connection breaks', async () => {
  const database = await testDatabase()
  const stop = new AbortController()
  try {
    const first = await takeSeat(database.pool, 42, timer, stop.signal)
    let second = false
    const waiting = takeSeat(database.pool, 42, timer, stop.signal).then((seat) => {
      second = true
      return seat
    })
    const elsewhere = await takeSeat(database.pool, 43, timer, stop.signal)
    expect(elsewhere).toBeDefined()
    await elsewhere?.leave()
    expect(second).toBe(false)
    await first?.leave()
    const held = await waiting
    expect(held).toBeDefined()
    await database.pool.query(`select pg_terminate_backend(pid) from pg_locks where locktype = 'advisory' and objid = 42`)
    await held?.lost
    const again = await takeSeat(database.pool, 42, timer, stop.signal)
    expect(again).toBeDefined()
    await again?.leave()
    stop.abort()
    expect(await takeSeat(database.pool, 42, timer, stop.signal)).toBeUndefined()
  } finally {
    await database.close()
  }
})
