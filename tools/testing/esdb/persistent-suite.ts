import { describe } from 'vitest'
import { delivering } from './persistent-delivering.ts'
import { keeping } from './persistent-keeping.ts'
import { managing } from './persistent-managing.ts'
import { sharing } from './persistent-sharing.ts'
import { type Connect, type Library, serveClient } from './served-client.ts'

/** What the official clients' own tests and documentation expect of persistent subscriptions, over a real socket. */
export const esdbPersistentSuite = (name: string, library: Library, connect: Connect): void => {
  describe(`${name}: persistent subscriptions`, () => {
    const at = serveClient(library, connect)
    delivering(at)
    keeping(at)
    sharing(at)
    managing(at)
  })
}
