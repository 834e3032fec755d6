import { randomUUID } from 'node:crypto'
import { tmpdir } from 'node:os'
import { setTimeout as wait } from 'node:timers/promises'
import { openFolderFiles } from '@weconnect/files/folder-files'
import { openEgress } from '@weconnect/http/egress'
import { type EngineFixture, openEngineFixture } from '@weconnect/testing/engine-fixture'
import type { WorkflowCase } from './case.ts'
import { MockServers, mockDispatcher } from './http-mocks.ts'

/** The product as a case finds it: the real engine on a log of its own, and no network but the answers of the case. */
export interface World {
  readonly fixture: EngineFixture
  /** Folder of the files that cases read. */
  readonly assets: string
  /** Makes the servers of a case the only ones there are. */
  serve(kase: WorkflowCase): MockServers
  newId(): string
  /** Rejects after that many milliseconds. */
  after(ms: number): Promise<never>
  close(): Promise<void>
}

/** A public address, so that the checks of the egress client hold: the mocks answer before anything is sent there. */
const anyAddress = '93.184.215.14'

export const openWorld = async (assets: string): Promise<World> => {
  let servers = new MockServers([])
  const egress = openEgress({ dispatcher: mockDispatcher(() => servers), resolve: async () => [anyAddress] })
  // Cases write below the folder for temporary files.
  const files = openFolderFiles({ folders: [assets, tmpdir()] })
  const fixture = await openEngineFixture({ egress, files, timezone: 'America/New_York' })
  return {
    fixture,
    assets,
    serve: ({ http_mocks }) => {
      servers = new MockServers(http_mocks ?? [])
      return servers
    },
    newId: randomUUID,
    after: async (ms) => {
      await wait(ms, undefined, { ref: false })
      throw new Error(`the case did not end within ${ms} ms`)
    },
    close: async () => {
      await fixture.close()
      await egress.close()
    },
  }
}
