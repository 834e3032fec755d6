import { errorCodes, isWeConnectError } from '@weconnect/contracts/errors'
import type { ItemsRemembered, MemoryEvent } from '@weconnect/contracts/events/memory'
import { streamOf } from '@weconnect/contracts/ids'
import type { MemoryAnswer, MemoryRequest } from '@weconnect/contracts/memory'
import { commandHandler } from '@weconnect/eventstore/command-handler'
import type { Journal } from '@weconnect/eventstore/journal'
import { v5 as uuid5 } from 'uuid'
import type { CallSite, Timer } from '../parts.ts'
import { decide, type MemoryCommand } from './decide.ts'
import { askedBy, emptyMemory, evolve, type ItemMemory } from './state.ts'

const namespace = 'f0a3d2b1-8c1e-4c58-9d0d-2f6b1f7e5a90'

/** Memories whose fold is kept in this process: one may have some hundred kilobytes. */
const foldsKept = 100
/** Milliseconds until what the log could not take is tried again. */
const retryAfterMs = 1_000

/** What nodes remember across executions: a stream for each node, and one for each workflow whose nodes share one. */
export interface ItemMemories {
  /**
   * Answers one call of one step: durable when it resolves, and the same again however often the step asks.
   * @param ordinal number of the call within the step
   * A log that cannot be written for a moment is waited for.
   */
  ask(site: CallSite, ordinal: number, request: MemoryRequest, signal: AbortSignal): Promise<MemoryAnswer>
}

export const memoryStream = (workflowId: string, nodeId?: string): string =>
  streamOf('memory', uuid5(nodeId === undefined ? workflowId : `${workflowId}/${nodeId}`, namespace))

export const openItemMemories = (journal: Pick<Journal, 'append' | 'read' | 'logId'>, timer: Timer): ItemMemories => {
  const handle = commandHandler<MemoryCommand, ItemMemory, MemoryEvent>({
    journal,
    decide,
    evolve,
    initial: emptyMemory,
    streamOf: ({ workflowId, nodeId }) => memoryStream(workflowId, nodeId),
    foldFrom: async (stream) => {
      for await (const { type, revision } of journal.read(stream, { direction: 'backwards' }))
        if (type === 'MemoryCheckpointed') return revision
      return 0
    },
    rememberedStreams: foldsKept,
  })
  /** The last of what is done with each: two at a time would be in each other's way at the expected revision. */
  const busy = new Map<string, Promise<unknown>>()

  const inTurn = <Result>(stream: string, work: () => Promise<Result>): Promise<Result> => {
    const done = (busy.get(stream) ?? Promise.resolve()).then(work, work)
    busy.set(stream, done)
    const settled = (): void => {
      if (busy.get(stream) === done) busy.delete(stream)
    }
    done.then(settled, settled)
    return done
  }

  /** What this call was answered before: the first of all answers, when it asks again. */
  const recorded = async (stream: string, command: MemoryCommand): Promise<MemoryAnswer | undefined> => {
    for await (const event of journal.read(stream, { direction: 'backwards' })) {
      if (event.type !== 'ItemsRemembered' && event.type !== 'MemoryCleared') continue
      if (askedBy(event.data) === askedBy(command)) return { kept: event.type === 'MemoryCleared' ? [] : keptIn(event) }
    }
    return undefined
  }

  const answer = async (command: MemoryCommand, { organisationId, isRepeated }: CallSite): Promise<MemoryAnswer> => {
    const stream = memoryStream(command.workflowId, command.nodeId)
    const before = isRepeated ? await recorded(stream, command) : undefined
    if (before) return before
    const { executionId } = command
    const context = { actor: `engine:${executionId}`, organisationId, correlationId: executionId, causationId: executionId }
    const { state, events } = await handle(command, context)
    const [event] = events
    if (event?.type === 'ItemsRemembered') return { kept: keptIn(event) }
    // Another engine that took this step for its own was answered meanwhile; or nothing was new.
    const known = state.answered.includes(askedBy(command)) ? await recorded(stream, command) : undefined
    return known ?? { kept: [] }
  }

  return {
    ask: async (site, ordinal, request, signal) => {
      const { workflowId, nodeId, executionId, step } = site
      const asked = { workflowId, executionId, call: `${step}/${ordinal}`, request }
      const command: MemoryCommand = request.scope === 'node' ? { ...asked, nodeId } : asked
      for (;;) {
        try {
          return await inTurn(memoryStream(workflowId, command.nodeId), () => answer(command, site))
        } catch (error) {
          if (!isWeConnectError(error) || signal.aborted) throw error
          // Engines elsewhere were quicker, more often than the handler tries; each time one of them got on.
          if (error.code === 'REVISION_CONFLICT') continue
          if (!errorCodes[error.code].retryable) throw error
          await timer.wait(retryAfterMs, signal)
        }
      }
    },
  }
}

const keptIn = ({ data: { kept } }: Pick<ItemsRemembered, 'data'>): readonly number[] => kept as readonly number[]
