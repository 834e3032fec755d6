import { WeConnectError } from '@weconnect/contracts/errors'
import type { Projector } from '../face.ts'

/** Read models of one runner. */
export interface Joined {
  readonly names: readonly string[]
  readonly projector: Projector
}

/** Several runners as one: each keeps its own read models, and one that waits for its server holds up no other. */
export const joinProjectors = (parts: readonly Joined[]): Projector => {
  const runnerOf = (name: string): Projector => {
    const part = parts.find(({ names }) => names.includes(name))
    if (part !== undefined) return part.projector
    throw new WeConnectError('NOT_FOUND', `there is no projection ${name}; there are ${parts.flatMap(({ names }) => names).join(', ')}`)
  }
  return {
    status: async () => (await Promise.all(parts.map(({ projector }) => projector.status()))).flat(),
    rebuild: async (name, onProgress) => runnerOf(name).rebuild(name, onProgress),
    retry: async (name) => runnerOf(name).retry(name),
    waitFor: async (position, options) => void (await Promise.all(parts.map(({ projector }) => projector.waitFor(position, options)))),
    close: async () => void (await Promise.all(parts.map(({ projector }) => projector.close()))),
  }
}
