import type { TriggerEvent } from '@weconnect/contracts/events/trigger'
import type { JsonValue } from '@weconnect/contracts/json'
import { executionIdOf } from './ids.ts'
import { evolve, type Spec, type Trigger } from './state.ts'

export type TriggerCommand = { readonly triggerId: string } & (
  | { readonly type: 'RegisterTrigger'; readonly spec: Spec }
  | { readonly type: 'ReleaseTrigger'; readonly workflowId: string; readonly keepVersion: number | undefined }
  | {
      /** A look had an outcome. Nothing new and nothing else to remember: nothing happens. */
      readonly type: 'NoteLook'
      /** Of the version that looked: another one does not fire. */
      readonly version: number
      readonly items: readonly JsonValue[]
      readonly cursor: JsonValue
    }
  | { readonly type: 'NoteFailure'; readonly code: string; readonly message: string }
  | { readonly type: 'NoteRecovery' }
)

/** Events after which the state is written down. */
const checkpointEvery = 100

/** Never rejects: what comes too late changes nothing. */
export const decide = (command: TriggerCommand, state: Trigger): TriggerEvent[] => {
  const events = decided(command, state)
  if (events.length === 0) return []
  const after = events.reduce((trigger, event) => evolve(trigger, { ...event, organisationId: organisationOf(command, state) }), state)
  if (after.sinceCheckpoint < checkpointEvery) return events
  const trigger = JSON.parse(JSON.stringify({ ...after, sinceCheckpoint: 0 }))
  return [...events, { type: 'TriggerCheckpointed', data: { trigger } }]
}

const organisationOf = (command: TriggerCommand, { spec }: Trigger): string =>
  command.type === 'RegisterTrigger' ? command.spec.organisationId : (spec?.organisationId ?? '')

const decided = (command: TriggerCommand, state: Trigger): TriggerEvent[] => {
  switch (command.type) {
    case 'RegisterTrigger': {
      const { organisationId: _, ...data } = command.spec
      const isSame = state.phase === 'live' && state.spec?.version === data.version && state.spec.source === data.source
      return isSame ? [] : [{ type: 'TriggerRegistered', data }]
    }
    case 'ReleaseTrigger': {
      if (state.phase !== 'live' || state.spec?.version === command.keepVersion) return []
      return [{ type: 'TriggerReleased', data: { workflowId: command.workflowId } }]
    }
    case 'NoteLook':
      return look(command, state)
    case 'NoteFailure': {
      const { code, message } = command
      return state.phase !== 'live' || state.failing ? [] : [{ type: 'TriggerFailed', data: { code, message } }]
    }
    case 'NoteRecovery':
      return state.phase === 'live' && state.failing ? [{ type: 'TriggerRecovered', data: {} }] : []
  }
}

const look = (command: Extract<TriggerCommand, { type: 'NoteLook' }>, state: Trigger): TriggerEvent[] => {
  const { triggerId, version, items, cursor } = command
  if (state.phase !== 'live' || state.spec?.version !== version) return []
  const recovered: TriggerEvent[] = state.failing ? [{ type: 'TriggerRecovered', data: {} }] : []
  if (items.length > 0) {
    const executionId = executionIdOf(triggerId, `fire ${state.fires + 1}`)
    return [...recovered, { type: 'TriggerFired', data: { executionId, workflowVersion: version, items: [...items], cursor } }]
  }
  if (JSON.stringify(cursor) === JSON.stringify(state.cursor)) return recovered
  return [...recovered, { type: 'TriggerAdvanced', data: { cursor } }]
}
