import { table, uncompressed, type View } from '../runner/tables/table.ts'

/**
 * What happened in an execution, an entry per event: one document per execution, in parts of 200 events, so that an execution of many steps is
 * not written again with every batch.
 */
export const runLogs = table({
  name: 'run_logs',
  columns: {
    execution_id: 'uuid',
    part: 'integer',
    organization_id: 'text',
    entries: { type: 'json', merge: 'concat' },
  },
  key: ['execution_id', 'part'],
  storage: uncompressed,
})

/**
 * Steps of the run logs that `source` selects, a row each: the newest entry of the step that has its data, and the state that the newest entry
 * of all says. A row of its own per step would double what an execution costs to write.
 */
export const stepsFrom = (source: string): string => `
  select distinct on (s.execution_id, s.step)
    s.execution_id::text || ':' || s.step::text as id, s.execution_id, s.step, s.organization_id,
    s."nodeId" as node_id, s."nodeName" as node_name, s."nodeType" as node_type, s."runIndex" as run_index,
    case s.last_event when 'StepCompleted' then 'completed' when 'ExecutionPaused' then 'waiting' when 'WaitOpened' then 'waiting' when 'StepRetryScheduled' then 'retrying'
      when 'IncidentRaised' then 'incident' when 'IncidentResolved' then 'retrying'
      when 'StepFailed' then case when s.final then 'failed' else 'retrying' end else 'running' end as status,
    s.inputs as input_data, s.outputs as output_data, s."outputCounts" as output_counts, s.error as error_data, s.code as error_code,
    s.attempts - 1 as retry_count, coalesce(s."cacheHit", false) as cache_hit, null::json as performance_metrics,
    s."startedAt" as started_at, case when s.event = 'StepStarted' then null else s.time end as finished_at, s."durationMs" as duration_ms
  from (
    select l.execution_id, l.organization_id, e.*,
      first_value(case when e.event <> 'ExecutionPaused' then e.event when e."waitFor" = 'incident' then 'IncidentRaised'
        when e."waitFor" = 'retry' then 'StepRetryScheduled' else e.event end) over (partition by l.execution_id, e.step order by e.revision desc) as last_event,
      max(e.attempt) over (partition by l.execution_id, e.step) as attempts
    from ${source} l cross join lateral json_to_recordset(l.entries) as e(revision integer, time timestamptz, event text, step integer,
      "nodeId" text, "nodeName" text, "nodeType" text, "runIndex" integer, attempt integer, inputs json, outputs json, "outputCounts" json,
      error json, code text, final boolean, "cacheHit" boolean, "startedAt" timestamptz, "durationMs" double precision, "waitFor" text)
    where e.event in ('StepStarted', 'StepCompleted', 'StepFailed', 'StepRetryScheduled', 'ExecutionPaused', 'ExecutionResumed',
      'IncidentRaised', 'IncidentResolved', 'WaitOpened', 'SignalReceived', 'ApprovalDecided')
  ) s
  where s.event in ('StepStarted', 'StepCompleted', 'StepFailed')
  order by s.execution_id, s.step, s.revision desc`

export const nodeExecutions: View = { name: 'node_executions', query: (schema) => stepsFrom(`${schema}.run_logs`) }
