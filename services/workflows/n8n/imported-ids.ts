import type { Context } from '@weconnect/contracts/envelope'
import type { ImportEvent } from '@weconnect/contracts/events/import'
import { streamOf } from '@weconnect/contracts/ids'
import { commandHandler } from '@weconnect/eventstore/command-handler'
import type { Journal } from '@weconnect/eventstore/journal'
import { v5 as uuid5 } from 'uuid'

const namespace = '3d0f5a2c-91b7-4f7e-8b0a-6f4f0f0a7c55'

/** Which workflow here has an id that stands in an n8n file, folded from the stream of that id. */
interface ImportedId {
  readonly workflowId?: string
  /** Workflows that named it before there was one, the oldest first. */
  readonly awaitedBy: readonly string[]
}

interface ImportCommand {
  readonly type: 'Link' | 'Await'
  readonly organisationId: string
  readonly importedId: string
  readonly workflowId: string
}

export interface ImportedIds {
  /** The workflow that was imported last with this id. */
  workflowOf(importedId: string, organisationId: string): Promise<string | undefined>
  /** Notes that a workflow names an id that nobody has yet. */
  await(importedId: string, workflowId: string, context: Context): Promise<void>
  /** From now on the id means this workflow. @returns workflows that named it before */
  link(importedId: string, workflowId: string, context: Context): Promise<readonly string[]>
}

const decide = ({ type, workflowId }: ImportCommand, state: ImportedId): readonly ImportEvent[] => {
  if (type === 'Link') return state.workflowId === workflowId ? [] : [{ type: 'ImportedIdLinked', data: { workflowId } }]
  return state.awaitedBy.includes(workflowId) ? [] : [{ type: 'ImportedIdAwaited', data: { workflowId } }]
}

const evolve = (state: ImportedId, { type, data: { workflowId } }: ImportEvent): ImportedId =>
  type === 'ImportedIdLinked' ? { ...state, workflowId } : { ...state, awaitedBy: [...state.awaitedBy, workflowId] }

const streamFor = (organisationId: string, importedId: string): string =>
  streamOf('import', uuid5(`${organisationId}/${importedId}`, namespace))

export const openImportedIds = (journal: Journal): ImportedIds => {
  const handle = commandHandler<ImportCommand, ImportedId, ImportEvent>({
    journal,
    decide,
    evolve,
    initial: { awaitedBy: [] },
    streamOf: ({ organisationId, importedId }) => streamFor(organisationId, importedId),
  })
  return {
    workflowOf: async (importedId, organisationId) => (await handle.load(streamFor(organisationId, importedId))).state.workflowId,
    await: async (importedId, workflowId, context) => {
      await handle({ type: 'Await', organisationId: context.organisationId, importedId, workflowId }, context)
    },
    link: async (importedId, workflowId, context) => {
      const { state } = await handle({ type: 'Link', organisationId: context.organisationId, importedId, workflowId }, context)
      return state.awaitedBy
    },
  }
}
