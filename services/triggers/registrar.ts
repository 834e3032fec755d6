import { familyOf } from '@weconnect/contracts/ids'
import type { Journal } from '@weconnect/eventstore/journal'
import type { EventStore } from '@weconnect/eventstore/port'
import type { TriggerRegistrar } from '@weconnect/workflows/face'
import { type AskedParts, askedBy } from './asked.ts'
import { openTriggerHandler, type TriggerHandler } from './handler.ts'
import { triggerIdOf } from './ids.ts'
import type { Spec } from './state.ts'

export interface ListeningRegistrar extends TriggerRegistrar {
  readonly handle: TriggerHandler
  readonly parts: AskedParts
}

/** Makes the triggers of a version live, and ends those of others: a stream for each node, so that a new version takes the place of the old in one append. */
export const openListeningRegistrar = ({
  journal,
  store,
  ...parts
}: AskedParts & { readonly journal: Journal; readonly store: Pick<EventStore, 'openWork'> }): ListeningRegistrar => {
  const handle = openTriggerHandler(journal)

  /** Whoever made them live: the log knows which there are. */
  const liveOf = async (workflowId: string): Promise<readonly Spec[]> => {
    const live: Spec[] = []
    for (const { stream } of await store.openWork()) {
      if (familyOf(stream) !== 'trigger') continue
      const { spec } = (await handle.load(stream)).state
      if (spec?.workflowId === workflowId) live.push(spec)
    }
    return live
  }

  return {
    handle,
    parts,
    register: async (workflowId, version, content, context) => {
      const { organisationId } = context
      for (const { node, description, source } of askedBy({ ...content, workflowId }, version, parts)) {
        const triggerId = triggerIdOf(workflowId, node.nodeId)
        const { nodeId, name: nodeName } = node
        const spec = { triggerId, workflowId, nodeId, nodeName, version, kind: description.kind, source, organisationId }
        await handle({ type: 'RegisterTrigger', triggerId, spec }, context)
      }
    },
    release: async (workflowId, keepVersion, context) => {
      for (const { triggerId, version } of await liveOf(workflowId))
        if (version !== keepVersion) await handle({ type: 'ReleaseTrigger', triggerId, workflowId, keepVersion }, context)
    },
  }
}
