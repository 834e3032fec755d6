import { parseArgs } from 'node:util'
import { openEmbeddedEventStore } from '@weconnect/eventstore/embedded'
import { openEsdbEventStore } from '@weconnect/eventstore/esdb'
import { verifyLog } from '@weconnect/eventstore/verify'
import { dataFolderOf } from '../instance.ts'
import { progressLine } from '../table.ts'

/** Reads the log that EVENTSTORE_URL names, or the one in the data folder, beside a running owner, or without one: it only reads. Exit code 1 when anything is wrong. */
export const verify = async (args: readonly string[]): Promise<number> => {
  const { values } = parseArgs({ args: [...args], options: { data: { type: 'string' }, json: { type: 'boolean' } } })
  const url = process.env['EVENTSTORE_URL'] || undefined
  const store =
    url === undefined ? openEmbeddedEventStore({ folder: dataFolderOf(values), readOnly: true }) : await openEsdbEventStore({ url })
  const began = performance.now()
  try {
    const report = await verifyLog({
      store,
      onProgress: ({ events, streams }) => progressLine(`verify: ${events} events in ${streams} streams`),
    })
    const seconds = (performance.now() - began) / 1000
    const rate = Math.round(report.events / seconds)
    if (values.json) console.log(JSON.stringify({ ...report, seconds, eventsPerSecond: rate }))
    else {
      for (const { stream, revision, position, problem } of report.problems)
        console.log(`${stream} revision ${revision} at ${position}: ${problem}`)
      console.log(
        `${report.ok ? 'ok' : 'NOT ok'}: ${report.events} events in ${report.streams} streams read in ${seconds.toFixed(1)} s (${rate} events/s)`,
      )
    }
    return report.ok ? 0 : 1
  } finally {
    await store.close()
  }
}
