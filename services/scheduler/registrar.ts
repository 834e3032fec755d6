import type { Context } from '@weconnect/contracts/envelope'
import type { Journal } from '@weconnect/eventstore/journal'
import type { NodeRegistry } from '@weconnect/nodes/sdk/registry'
import type { TriggerRegistrar } from '@weconnect/workflows/face'
import { openScheduleHandler, type ScheduleHandler } from './handler.ts'
import { schedulesOf } from './schedules-of.ts'
import type { Schedule } from './state.ts'

export interface ScheduleRegistrarOptions {
  readonly journal: Journal
  readonly registry: NodeRegistry
  /** IANA zone of workflows that name none. */
  readonly defaultTimezone: string
  /** Milliseconds since the epoch. */
  readonly now: () => number
}

/** Schedules that are live, as far as this process has seen. */
export interface LiveSchedule {
  readonly workflowId: string
  readonly version: number
  readonly organisationId: string
}

export interface ScheduleRegistrar extends TriggerRegistrar {
  readonly handle: ScheduleHandler
  readonly live: ReadonlyMap<string, LiveSchedule>
  /** Notes what a schedule is now. */
  note(scheduleId: string, state: Schedule): void
}

/** Makes the schedules of a version live, and ends those of others: a stream for each node, so that a new version takes the place of the old in one append. */
export const openScheduleRegistrar = ({ journal, registry, defaultTimezone, now }: ScheduleRegistrarOptions): ScheduleRegistrar => {
  const handle = openScheduleHandler(journal)
  const live = new Map<string, LiveSchedule>()

  const note = (scheduleId: string, { phase, spec }: Schedule): void => {
    if (phase !== 'live' || !spec) live.delete(scheduleId)
    else live.set(scheduleId, { workflowId: spec.workflowId, version: spec.version, organisationId: spec.organisationId })
  }
  const release = async (scheduleId: string, workflowId: string, keepVersion: number | undefined, context: Context): Promise<void> => {
    const { state } = await handle({ type: 'ReleaseSchedule', scheduleId, workflowId, keepVersion }, context)
    note(scheduleId, state)
  }

  return {
    handle,
    live,
    note,
    register: async (workflowId, version, content, context) => {
      const asked = schedulesOf({ ...content, workflowId }, version, context.organisationId, { registry, defaultTimezone, now })
      for (const spec of asked) {
        const { state } = await handle({ type: 'RegisterSchedule', scheduleId: spec.scheduleId, spec, now: now() }, context)
        note(spec.scheduleId, state)
      }
    },
    release: async (workflowId, keepVersion, context) => {
      for (const [scheduleId, known] of live)
        if (known.workflowId === workflowId && known.version !== keepVersion) await release(scheduleId, workflowId, keepVersion, context)
    },
  }
}
