import { flowOf } from '@weconnect/flow/demands'
import type { Standing } from '@weconnect/flow/slot-parts'
import type { Execution } from '../decider/state.ts'
import type { RecordedExecution } from '../stream/recorded.ts'

/** What an execution's own stream says of the slots that it may hold. */
export const standingOf = ({ state, context }: RecordedExecution): Standing => ({
  status: standings[state.status],
  epoch: state.epoch,
  organisationId: context.organisationId,
  flow: flowOf(state.requested?.flow),
})

const standings = {
  absent: 'absent',
  pending: 'pending',
  running: 'running',
  waiting: 'waiting',
  paused: 'waiting',
  incident: 'waiting',
  completed: 'ended',
  failed: 'ended',
  cancelled: 'ended',
  timeout: 'ended',
} as const satisfies Record<Execution['status'], Standing['status']>
