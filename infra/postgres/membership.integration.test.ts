import { randomUUID } from 'node:crypto'
import { testDatabase } from '@weconnect/testing/postgres'
import { expect, test } from 'vitest'
import { joinMembership, type Membership } from './membership.ts'

const limit = { timeout: 60_000 }
const unexpected = (error: unknown): void => {
  throw error
}

test('members know each other; who leaves is gone at once, who falls silent when its time is over; groups are apart', async () => {
  const database = await testDatabase()
  const open: Membership[] = []
  const join = async (member: string, group = 'one'): Promise<Membership> => {
    const membership = await joinMembership({ database: database.connection, group, member, renewMs: 20, aliveMs: 10_000 }, unexpected)
    open.push(membership)
    return membership
  }
  try {
    const [ada, bob] = await Promise.all([join('ada'), join('bob')])
    await join('eve', 'another')
    await expect.poll(() => [...ada.alive()].sort(), limit).toEqual(['ada', 'bob'])
    await expect.poll(() => [...bob.alive()].sort(), limit).toEqual(['ada', 'bob'])
    const silent = randomUUID()
    const insert = `insert into weconnect_live.members values ('one', $1, clock_timestamp() - $2 * interval '1 ms')`
    await database.pool.query(insert, [silent, 9_000])
    await expect.poll(() => ada.alive().has(silent), limit).toBe(true)
    await expect.poll(() => ada.alive().has(silent), limit).toBe(false)
    const gone = ada.gone(AbortSignal.timeout(limit.timeout)).then(() => [...ada.alive()])
    await bob.close()
    expect(await gone).toEqual(['ada'])
  } finally {
    await Promise.all(open.map((membership) => membership.close()))
    await database.close()
  }
})

test('who cannot ask says so, and takes nobody for dead', async () => {
  const nowhere = { database: 'postgres://nobody@127.0.0.1:1/none', group: 'one', member: 'ada', renewMs: 20, aliveMs: 100 }
  const membership = await joinMembership(nowhere, unexpected)
  expect(membership.problem()).toMatch(/does not answer/)
  expect([...membership.alive()]).toEqual(['ada'])
  await membership.close()
})
