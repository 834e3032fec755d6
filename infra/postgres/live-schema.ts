/** One number for all who make tables in it, so that of several processes one makes them. */
const layoutLock = 7_305_003

/**
 * Makes tables in the schema of what processes tell each other for the moment, and can lose: it may be dropped while nobody runs.
 * @param tables statements, each of which does nothing when its table is there
 */
export const liveLayout = (tables: string): string =>
  // Several statements of one message are one transaction.
  `select pg_advisory_xact_lock(${layoutLock}); create schema if not exists weconnect_live; ${tables}`
