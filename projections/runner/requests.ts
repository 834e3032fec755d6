import { type ErrorCode, errorCodes, isWeConnectError, WeConnectError } from '@weconnect/contracts/errors'
import { liveLayout } from '@weconnect/postgres/live-schema'
import type { Sql } from '@weconnect/postgres/pool'
import type { Projector, RebuildProgress } from './face.ts'
import { rest, type Timers } from './timers.ts'

/*
 * What a process without a runner asks of the one that has it: a row that the runner takes, works on and answers. Only a way to talk: who asked and does
 * not look any more, or was asked and died, leaves a row that is forgotten after a day.
 */
export const createRequests =
  liveLayout(`create unlogged table if not exists weconnect_live.projection_requests (id uuid primary key default gen_random_uuid(), kind text not null,
    name text not null, asked_at timestamptz not null default clock_timestamp(), state text not null default 'asked', seen_at timestamptz,
    progress jsonb, code text, message text)`)

/** Milliseconds between two looks. */
const lookMs = 200
/** Milliseconds after which a request that nobody works on was made in vain. */
const patienceMs = 10_000

interface Row {
  readonly id: string
  readonly kind: 'rebuild' | 'retry'
  readonly name: string
  readonly state: 'asked' | 'running' | 'done' | 'refused'
  readonly progress: RebuildProgress | null
  readonly code: string | null
  readonly message: string | null
  readonly silentMs: number
}

const noRunner = () => new WeConnectError('UNAVAILABLE', 'No process runs the projections: start one with ./weconnect start projections')

/** @throws WeConnectError what the runner says, UNAVAILABLE when there is none */
export const askRunner = async (
  sql: Sql,
  timers: Timers,
  kind: Row['kind'],
  name: string,
  onProgress: (progress: RebuildProgress) => void = () => {},
): Promise<RebuildProgress | null> => {
  await sql.query(createRequests)
  const insert = 'insert into weconnect_live.projection_requests (kind, name) values ($1, $2) returning id'
  const id = (await sql.query<{ id: string }>(insert, [kind, name]))[0]?.id
  for (;;) {
    await rest(timers, lookMs)
    const [row] = await sql.query<Row>(
      `select *, extract(epoch from clock_timestamp() - coalesce(seen_at, asked_at)) * 1000 as "silentMs"
         from weconnect_live.projection_requests where id = $1`,
      [id],
    )
    if (!row || (row.silentMs > patienceMs && (row.state === 'asked' || row.state === 'running'))) throw noRunner()
    if (row.progress) onProgress(row.progress)
    if (row.state === 'done') return row.progress
    if (row.state === 'refused') throw new WeConnectError(codeOf(row.code), row.message ?? '')
  }
}

const codeOf = (code: string | null): ErrorCode => (code !== null && Object.hasOwn(errorCodes, code) ? (code as ErrorCode) : 'INTERNAL')

const take = `update weconnect_live.projection_requests set state = 'running', seen_at = clock_timestamp()
  where id = (select id from weconnect_live.projection_requests where state = 'asked' order by asked_at limit 1 for update skip locked)
  returning id, kind, name`
const forget = `delete from weconnect_live.projection_requests where asked_at < clock_timestamp() - interval '1 day'`

/** Does what others ask, one after the other, until the signal aborts. */
export const serveRequests = async (projector: Projector, sql: Sql, timers: Timers, signal: AbortSignal): Promise<void> => {
  let isLaidOut = false
  while (!signal.aborted) {
    try {
      if (!isLaidOut) await sql.query(`${createRequests}; ${forget}`)
      isLaidOut = true
      const [row] = await sql.query<Row>(take)
      if (row) {
        await answer(projector, sql, timers, row)
        continue
      }
    } catch {
      // The database is away: who asked sees that.
      isLaidOut = false
    }
    await rest(timers, lookMs, signal)
  }
}

const answer = async (projector: Projector, sql: Sql, timers: Timers, { id, kind, name }: Row): Promise<void> => {
  const say = (text: string, values: readonly unknown[] = []): Promise<unknown> =>
    sql.query(`update weconnect_live.projection_requests set seen_at = clock_timestamp(), ${text} where id = $1`, [id, ...values])
  let working = true
  const alive = async (): Promise<void> => {
    for (; working; await rest(timers, lookMs)) await say(`state = 'running'`).catch(() => undefined)
  }
  const living = alive()
  const stop = async (): Promise<void> => {
    working = false
    await living
  }
  try {
    const progress = kind === 'rebuild' ? await projector.rebuild(name) : await projector.retry(name).then(() => null)
    await stop()
    await say(`state = 'done', progress = $2`, [progress === null ? null : JSON.stringify(progress)])
  } catch (error) {
    await stop()
    const code = isWeConnectError(error) ? error.code : 'INTERNAL'
    await say(`state = 'refused', code = $2, message = $3`, [code, error instanceof Error ? error.message : String(error)])
  }
}
