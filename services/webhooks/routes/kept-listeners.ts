import { liveLayout } from '@weconnect/postgres/live-schema'
import { type Sql, sqlState } from '@weconnect/postgres/pool'

/** Who waits for one call of a draft, at one of its addresses. */
export interface KeptListener {
  /** The same at all addresses that are waited at together. */
  readonly listeningId: string
  readonly webhookId: string
  readonly workflowId: string
  readonly organisationId: string
  readonly nodeId: string
  readonly method: string
  readonly path: string
  /** Of the draft that is to run. */
  readonly revision: number
  /** Who listens: the run is theirs. */
  readonly actor: string
}

/** Who listens, where every process of the installation finds it. By the clock of the database. */
export interface KeptListeners {
  /**
   * In place of what the workflow listened to before.
   * @param listeners of one workflow
   * @returns ISO 8601: until when they wait; undefined, and nothing waits, when another workflow waits at one of the addresses
   */
  put(listeners: readonly KeptListener[], seconds: number): Promise<string | undefined>
  waiting(): Promise<readonly KeptListener[]>
  /** @returns whether they still waited: of all who ask at once, one hears yes */
  take(listeningId: string): Promise<boolean>
  /** @returns whether anybody waited */
  forget(workflowId: string, organisationId: string): Promise<boolean>
}

const layout =
  liveLayout(`create unlogged table if not exists weconnect_live.test_listeners (webhook_id text primary key, listening_id text not null,
  workflow_id text not null, organisation_id text not null, node_id text not null, method text not null, path text not null, revision bigint not null,
  actor text not null, expires_at timestamptz not null)`)

const forgetOld = `delete from weconnect_live.test_listeners
  where expires_at <= clock_timestamp() or (workflow_id = $1 and not (webhook_id = any ($2)))`

const put = `insert into weconnect_live.test_listeners as kept
  select one.*, clock_timestamp() + make_interval(secs => $10)
    from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::bigint[], $9::text[]) as one
  on conflict (webhook_id) do update set listening_id = excluded.listening_id, workflow_id = excluded.workflow_id,
    organisation_id = excluded.organisation_id, node_id = excluded.node_id, method = excluded.method, path = excluded.path,
    revision = excluded.revision, actor = excluded.actor, expires_at = excluded.expires_at
    where kept.workflow_id = excluded.workflow_id or kept.expires_at <= clock_timestamp()
  returning expires_at as "expiresAt"`

const waiting = `select listening_id as "listeningId", webhook_id as "webhookId", workflow_id as "workflowId", organisation_id as "organisationId",
  node_id as "nodeId", method, path, revision, actor from weconnect_live.test_listeners where expires_at > clock_timestamp()`

/** In one order, so that of two who take it one waits for the other and then finds nothing. */
const take = `delete from weconnect_live.test_listeners where webhook_id in
  (select webhook_id from weconnect_live.test_listeners where listening_id = $1 and expires_at > clock_timestamp() order by webhook_id for update)
  returning 1`

const forget = `delete from weconnect_live.test_listeners where workflow_id = $1 and organisation_id = $2 and expires_at > clock_timestamp() returning 1`

const undefinedTable = '42P01'

/** Kept in PostgreSQL. Who only looks makes no table: where there is none, nobody listens. */
export const openKeptListeners = (sql: Sql): KeptListeners => {
  const found = async <Row>(text: string, values: readonly unknown[] = []): Promise<readonly Row[]> => {
    try {
      return await sql.query<Row>(text, values)
    } catch (error) {
      if (sqlState(error) === undefinedTable) return []
      throw error
    }
  }
  const taken = async (listeningId: string): Promise<boolean> => (await found(take, [listeningId])).length > 0
  return {
    put: async (listeners, seconds) => {
      const rows = listeners.toSorted((one, other) => (one.webhookId < other.webhookId ? -1 : 1))
      const column = (name: keyof KeptListener): readonly unknown[] => rows.map((row) => row[name])
      await sql.query(layout)
      await sql.query(forgetOld, [rows[0]?.workflowId, column('webhookId')])
      const kept = await sql.query<{ expiresAt: string }>(put, [
        ...[column('webhookId'), column('listeningId'), column('workflowId'), column('organisationId'), column('nodeId')],
        ...[column('method'), column('path'), column('revision'), column('actor'), seconds],
      ])
      if (kept.length === rows.length) return kept[0]?.expiresAt
      await taken(rows[0]?.listeningId ?? '')
      return undefined
    },
    waiting: () => found(waiting),
    take: taken,
    forget: async (workflowId, organisationId) => (await found(forget, [workflowId, organisationId])).length > 0,
  }
}
