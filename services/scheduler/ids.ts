import { streamOf } from '@weconnect/contracts/ids'
import { v5 as uuid5 } from 'uuid'

const namespace = '0d5f3c3e-7a55-4d0e-9d5a-0f4f2f1f6a10'

/** One schedule per trigger node of a workflow, whatever its versions. */
export const scheduleIdOf = (workflowId: string, nodeId: string): string => uuid5(`${workflowId}/${nodeId}`, namespace)
export const scheduleStream = (scheduleId: string): string => streamOf('schedule', scheduleId)

/** The same for everyone who sees the tick, so that it runs once. @param tick milliseconds since the epoch */
export const executionIdOf = (scheduleId: string, tick: number): string => uuid5(new Date(tick).toISOString(), scheduleId)
/** A tick that is to run once more. */
export const repeatedExecutionId = (scheduleId: string, tick: number, backfillId: string): string =>
  uuid5(`${new Date(tick).toISOString()}/${backfillId}`, scheduleId)
