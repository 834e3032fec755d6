import { setTimeout as wait } from 'node:timers/promises'
import { parentPort, workerData } from 'node:worker_threads'
import { liveLayout } from './live-schema.ts'
import type { FromMembershipThread, MembershipSettings } from './membership.ts'
import { openPool } from './pool.ts'

/** The thread that says that its process is alive. membership.ts starts it. */
const port = parentPort
if (port === null) throw new Error('this is the entry of a worker thread: see membership.ts')
const post = (message: FromMembershipThread): void => port.postMessage(message)

const { database, group, member, renewMs, aliveMs } = workerData as MembershipSettings
const pool = openPool(database, 1)
const leaving = new AbortController()
port.on('message', () => leaving.abort())

/** Unlogged: after a crash of the database nobody is a member until it says so again. */
const layout = liveLayout(`create unlogged table if not exists weconnect_live.members
    (group_name text not null, member text not null, renewed_at timestamptz not null, primary key (group_name, member))`)

const renew = `with renewed as (
    insert into weconnect_live.members values ($1, $2, clock_timestamp())
    on conflict (group_name, member) do update set renewed_at = excluded.renewed_at returning member),
  forgotten as (
    delete from weconnect_live.members where renewed_at < clock_timestamp() - interval '1 hour')
  select member from weconnect_live.members
    where group_name = $1 and member <> $2 and renewed_at > clock_timestamp() - $3 * interval '1 millisecond'
  union all select member from renewed`

let isLaidOut = false
const turn = async (): Promise<void> => {
  if (!isLaidOut) await pool.query(layout)
  isLaidOut = true
  const rows = await pool.query<{ member: string }>(renew, [group, member, aliveMs])
  post({ alive: rows.map((row) => row.member) })
}

while (!leaving.signal.aborted) {
  await turn().catch((error: unknown) => {
    isLaidOut = false
    post({ problem: error instanceof Error ? error.message : String(error) })
  })
  await wait(renewMs, undefined, { signal: leaving.signal }).catch(() => undefined)
}
await pool.query('delete from weconnect_live.members where group_name = $1 and member = $2', [group, member]).catch(() => undefined)
await pool.close().catch(() => undefined)
post({ left: true })
port.close()
