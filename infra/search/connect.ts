import { WeConnectError } from '@weconnect/contracts/errors'
import { Meilisearch } from 'meilisearch'

/** Where MeiliSearch is, as the environment says it. */
export interface MeiliSettings {
  readonly url: string
  /** A key that may do everything with indexes that begin with `weconnect_`, and read tasks; undefined when the server asks for none. */
  readonly apiKey: string | undefined
}

const limitMs = 10_000
const checkLimitMs = 5_000

export const openClient = ({ url, apiKey }: MeiliSettings, timeout = limitMs): Meilisearch => {
  if (!URL.canParse(url) || !/^https?:/.test(url))
    throw new WeConnectError('CONFIG_INVALID', `MEILI_URL must be the http:// or https:// address of a MeiliSearch, not "${url}"`)
  return new Meilisearch({ host: url, timeout, ...(apiKey !== undefined && { apiKey }) })
}

/**
 * Asks once, before anything is written: whether it answers, is MeiliSearch, and takes the key.
 * @throws WeConnectError CONFIG_INVALID or UNAVAILABLE, naming the variable, what failed and what to do
 */
export const checkMeili = async (settings: MeiliSettings): Promise<void> => {
  const client = openClient(settings, checkLimitMs)
  const failed = (variable: string, what: string, cause: unknown): WeConnectError =>
    new WeConnectError(
      'UNAVAILABLE',
      `${variable}: ${what} (${messageOf(cause)}). Start MeiliSearch, correct the variable, or unset MEILI_URL: then PostgreSQL keeps the search documents.`,
      { cause },
    )
  const health: unknown = await client.health().catch((cause: unknown) => {
    throw failed(`MEILI_URL=${settings.url}`, 'no MeiliSearch answers', cause)
  })
  if ((health as { status?: unknown } | null)?.status !== 'available')
    throw failed(`MEILI_URL=${settings.url}`, 'what answers is no MeiliSearch that is ready', JSON.stringify(health)?.slice(0, 100))
  await client.getRawIndexes({ limit: 1 }).catch((cause: unknown) => {
    throw failed('MEILI_API_KEY', `the MeiliSearch at ${settings.url} refuses it`, cause)
  })
}

export const messageOf = (error: unknown): string => {
  if (!(error instanceof Error)) return String(error)
  const cause: unknown = error.cause
  return cause instanceof Error && !error.message.includes(cause.message) ? `${error.message}: ${cause.message}` : error.message
}
