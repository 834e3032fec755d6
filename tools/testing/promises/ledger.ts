import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { deliveryOf, type RecordedEvent } from './recorded-log.ts'

export interface LedgerEntry {
  readonly step: string
  readonly delivery: string
  /** Milliseconds since the epoch, when the request had arrived. */
  readonly at: number
}

export interface Ledger {
  readonly url: string
  readonly entries: readonly LedgerEntry[]
  close(): Promise<void>
}

/** A service of somebody else on loopback that notes every call before it answers: what was done to it cannot be undone. */
export const openLedger = async (answerAfterMs: () => number): Promise<Ledger> => {
  const entries: LedgerEntry[] = []
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const { delivery } = JSON.parse(Buffer.concat(chunks).toString()) as { delivery: string }
      entries.push({ step: (request.url ?? '').slice(1), delivery, at: Date.now() })
      setTimeout(() => {
        response.writeHead(200, { 'content-type': 'application/json' })
        response.end(JSON.stringify({ entry: entries.length }))
      }, answerAfterMs())
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    entries,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

/** Calls that were made more often than their step was recorded as started: there are none, as the start is in the stream before the call is made. */
export const callsWithoutStart = (
  { entries }: Pick<Ledger, 'entries'>,
  executions: ReadonlyMap<string, readonly RecordedEvent[]>,
): readonly string[] => {
  const starts = new Map<string, number>()
  for (const events of executions.values())
    for (const { type, data } of events) {
      if (type !== 'StepStarted') continue
      const key = `${deliveryOf(events)} ${data.nodeName.toLowerCase()}`
      starts.set(key, (starts.get(key) ?? 0) + 1)
    }
  const calls = Map.groupBy(entries, ({ step, delivery }) => `${delivery} ${step}`)
  return [...calls].filter(([key, made]) => made.length > (starts.get(key) ?? 0)).map(([key]) => key)
}
