import { createHash } from 'node:crypto'
import { isWeConnectError } from '@weconnect/contracts/errors'
import { streamOf } from '@weconnect/contracts/ids'
import type { JsonValue } from '@weconnect/contracts/json'
import type { NodeDefinition } from '@weconnect/contracts/node'
import { type Head, type Journal, noStream } from '@weconnect/eventstore/journal'
import { v5 as uuid5 } from 'uuid'
import type { NodeRegistry } from './sdk/registry.ts'

const namespace = '0b2f7a53-7d5b-49c5-8f7e-5d2f3d7d9c21'

/** Records definitions that are new or have changed since the last start, one stream for each type. */
export const registerNodes = async (journal: Journal, registry: NodeRegistry, organisationId: string): Promise<void> => {
  await Promise.all(registry.all().map(({ definition }) => register(journal, definition, organisationId)))
}

const register = async (journal: Journal, definition: NodeDefinition, organisationId: string): Promise<void> => {
  const definitionHash = createHash('sha256').update(JSON.stringify(definition)).digest('hex')
  const stream = streamOf('node', uuid5(`${definition.name}/${definition.versions.join(',')}`, namespace))
  const { head, hash } = await lastRegistered(journal, stream)
  if (hash === definitionHash) return
  const data = { name: definition.name, definition: definition as unknown as JsonValue, definitionHash }
  const context = { actor: 'system', organisationId, correlationId: stream, causationId: stream }
  try {
    await journal.append(stream, head, [{ type: 'NodeRegistered', data }], context)
  } catch (error) {
    // Another process that starts was faster: it is of this release, or of the one that goes or comes.
    if (!isWeConnectError(error, 'REVISION_CONFLICT')) throw error
  }
}

const lastRegistered = async (journal: Journal, stream: string): Promise<{ readonly head: Head; readonly hash: string | undefined }> => {
  let head = noStream
  let hash: string | undefined
  for await (const event of journal.read(stream)) {
    head = { revision: event.revision, hash: event.hash }
    if (event.type === 'NodeRegistered') hash = event.data.definitionHash
  }
  return { head, hash }
}
