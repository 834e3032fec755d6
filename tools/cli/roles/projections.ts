import { join } from 'node:path'
import type { Connection } from '@weconnect/postgres/pool'
import { startProjectorThread } from '@weconnect/projections/runner/client'
import type { Projector } from '@weconnect/projections/runner/face'
import { checkStores } from '@weconnect/projections/stores'
import { keyFile } from '../instance.ts'
import { after, clock } from '../owner/clock.ts'
import type { Foundation } from './foundation.ts'

/** Keeps the read models, in a thread of its own. @throws WeConnectError CONFIG_INVALID, UNAVAILABLE when a server that is to keep one cannot be used */
export const startProjections = async (
  { settings, closing, telemetry, report }: Foundation,
  database: Connection | string,
): Promise<Projector> => {
  const { dataFolder, eventStoreUrl, stores } = settings
  await checkStores(stores)
  const projector = startProjectorThread({
    dataFolder,
    ...(eventStoreUrl !== undefined && { eventStoreUrl }),
    keyFile: keyFile(dataFolder),
    blobFolder: join(dataFolder, 'blobs'),
    ...{ database, stores },
    timers: { now: clock.now, after },
    onStatus: (change) =>
      telemetry.log[change.state === 'running' || change.state === 'rebuilding' ? 'info' : 'error'](
        { change },
        'a read model changed its state',
      ),
    onError: (error) => report(error, 'projector thread'),
  })
  closing.add(() => projector.close())
  return projector
}
