import { streamIdOf } from '../runner/event-values.ts'
import { projection } from '../runner/projection.ts'
import { jsonText } from '../runner/tables/json-column.ts'
import { cronOf, rulesInWords } from './rule-text.ts'
import { schedules } from './tables.ts'

export const scheduleList = projection({
  name: 'schedules',
  version: 1,
  tables: [schedules],
  on: {
    ScheduleRegistered: (event, rows) => {
      const { workflowId, nodeId, nodeName, version, rules, timezone, overlap, missed, maxExecutions, nextAt } = event.data
      rows.put(schedules, {
        id: streamIdOf(event),
        workflow_id: workflowId,
        organization_id: event.organisationId,
        node_id: nodeId,
        name: nodeName,
        version,
        rules: jsonText(rules),
        description: rulesInWords(rules),
        cron_expression: cronOf(rules),
        timezone,
        overlap,
        missed,
        is_active: true,
        max_executions: maxExecutions ?? null,
        next_execution: nextAt ?? null,
        created_at: event.time,
        updated_at: event.time,
      })
    },
    ScheduleReleased: (event, rows) =>
      rows.update(schedules, {
        id: streamIdOf(event),
        is_active: false,
        is_paused: false,
        pause_note: null,
        next_execution: null,
        updated_at: event.time,
      }),
    SchedulePaused: (event, rows) =>
      rows.update(schedules, {
        id: streamIdOf(event),
        is_paused: true,
        pause_note: event.data.note ?? null,
        next_execution: null,
        updated_at: event.time,
      }),
    ScheduleResumed: (event, rows) =>
      rows.update(schedules, {
        id: streamIdOf(event),
        is_paused: false,
        pause_note: null,
        next_execution: event.data.nextAt ?? null,
        updated_at: event.time,
      }),
    ScheduleFired: (event, rows) =>
      rows.update(schedules, {
        id: streamIdOf(event),
        next_execution: event.data.nextAt ?? null,
        last_execution: event.data.tick,
        last_execution_id: event.data.executionId,
        execution_count: 1,
      }),
    ScheduleTickQueued: (event, rows) => rows.update(schedules, { id: streamIdOf(event), next_execution: event.data.nextAt ?? null }),
    ScheduleTicksSkipped: (event, rows) => rows.update(schedules, { id: streamIdOf(event), next_execution: event.data.nextAt ?? null }),
  },
})
