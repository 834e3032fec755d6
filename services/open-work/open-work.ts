import { credentialWork } from '@weconnect/connectors/open-work'
import type { WorkOf } from '@weconnect/eventstore/port'
import { executionWork } from '@weconnect/executions/open-work'
import { flowWork } from '@weconnect/flow/open-work'
import { scheduleWork } from '@weconnect/scheduler/open-work'
import { triggerWork } from '@weconnect/triggers/open-work'
import { webhookWork } from '@weconnect/webhooks/open-work'

const workOf: WorkOf = (stream, events) =>
  executionWork(stream, events) ??
  webhookWork(stream, events) ??
  scheduleWork(stream, events) ??
  triggerWork(stream, events) ??
  credentialWork(stream, events) ??
  flowWork(stream, events)

/** What the log keeps of what is open: each service says it of its own streams. Raise the version when one of them answers otherwise: processes then fold the log once more. */
export const openWork = { of: workOf, version: 1 } as const
