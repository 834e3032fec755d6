import type { ServerState } from '@weconnect/gateway/face'
import { askVault } from '@weconnect/secrets/vault'
import { timer } from '../owner/clock.ts'
import type { Foundation } from './foundation.ts'

/** Milliseconds between two questions to one server. */
const everyMs = 5_000

/** Asks whether a server answers, again and again, and tells when that changes. It answered when the process started. */
const watch = (ask: () => Promise<void>, signal: AbortSignal, onChange: (state: ServerState) => void): (() => ServerState) => {
  let known: ServerState = { state: 'up' }
  const look = async (): Promise<void> => {
    const found = await ask().then(
      (): ServerState => ({ state: 'up' }),
      (error: unknown): ServerState => ({ state: 'down', problem: error instanceof Error ? error.message : String(error) }),
    )
    const isNew = found.state !== known.state
    known = found
    if (isNew) onChange(found)
  }
  const lookOn = async (): Promise<void> => {
    for (;;) {
      await timer.wait(everyMs, signal)
      if (signal.aborted) return
      await look()
    }
  }
  void lookOn()
  return () => known
}

/** The servers of large payloads and of keys, as far as there are any. */
export const watchServers = async ({
  settings: { s3, vault },
  closing,
  telemetry,
}: Foundation): Promise<Readonly<Record<string, () => ServerState>>> => {
  const stopped = new AbortController()
  closing.add(() => stopped.abort())
  const watched = (name: string, ask: () => Promise<void>): (() => ServerState) =>
    watch(ask, stopped.signal, (state) =>
      telemetry.log[state.state === 'up' ? 'warn' : 'error']({ [name]: state }, `${name} is ${state.state}`),
    )
  const bucket = s3 && (await import('@weconnect/blobs/s3-connect')).openS3Probe(s3)
  if (bucket) closing.add(() => bucket.close())
  return { ...(bucket && { s3: watched('s3', bucket.ask) }), ...(vault && { vault: watched('vault', () => askVault(vault)) }) }
}
