import type { RedisState } from '@weconnect/redis/connect'
import type { RelayStatus } from '@weconnect/relay/face'
import type { Check, ServerParts, ServerState } from './face.ts'

export interface Readiness {
  readonly ready: boolean
  /** `up`, or what is wrong. */
  readonly checks: Readonly<Record<string, string>>
  /** Read models that an event stopped: they answer from what they have, everything else goes on. */
  readonly stopped: readonly string[]
  /** Read models whose server (not PostgreSQL) does not answer, with its variable and why: they are behind, everything else goes on. */
  readonly unreachable?: Readonly<Record<string, string>>
  /** Publishing to topics, where Kafka is set. When it does not run, everything else does: so it makes nobody unready. */
  readonly relay?: RelayStatus
  /** Where Redis is set. While it is away each process does with what it has: so it makes nobody unready. */
  readonly redis?: RedisState
  /** S3 and Vault, where they are set. What does not need them goes on while they are away: so they make nobody unready. */
  readonly servers?: Readonly<Record<string, ServerState>>
}

const said = async (check: Check): Promise<string> => {
  try {
    return (await check()) ?? 'up'
  } catch {
    return 'down'
  }
}

/** Whether the process can serve: log, PostgreSQL, projections, and what else it was told to ask. */
export const readinessOf = async (
  { store, sql, projector, checks, relay, redis, servers }: ServerParts,
  isStopping = false,
): Promise<Readiness> => {
  const stopped: string[] = []
  const unreachable: Record<string, string> = {}
  const projections = async (): Promise<string | undefined> => {
    const status = (await projector?.status()) ?? []
    stopped.push(...status.filter(({ state }) => state === 'stopped').map(({ name }) => name))
    for (const one of status) if (one.unreachable !== undefined) unreachable[one.name] = one.unreachable
    const waiting = status.filter(({ state, unreachable }) => state === 'waiting' && unreachable === undefined).map(({ name }) => name)
    return waiting.length > 0 ? `waiting for the database: ${waiting.join(', ')}` : undefined
  }
  const all: Readonly<Record<string, Check>> = {
    log: async () => void (await store.head()),
    ...(sql && { postgres: async () => void (await sql.query('select 1')) }),
    ...(projector && { projections }),
    ...checks,
    ...(isStopping && { process: async () => 'stopping' }),
  }
  const answers = await Promise.all(Object.entries(all).map(async ([name, check]) => [name, await said(check)] as const))
  return {
    ready: answers.every(([, answer]) => answer === 'up'),
    checks: Object.fromEntries(answers),
    stopped,
    ...(Object.keys(unreachable).length > 0 && { unreachable }),
    ...(relay && { relay: await relay.status() }),
    ...(redis && { redis: redis() }),
    ...(servers && { servers: Object.fromEntries(Object.entries(servers).map(([name, state]) => [name, state()])) }),
  }
}
