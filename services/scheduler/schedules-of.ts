import type { JsonValue } from '@weconnect/contracts/json'
import type { ScheduleDescription } from '@weconnect/nodes/calendar/rules'
import { isZone } from '@weconnect/nodes/calendar/zone'
import type { NodeRegistry } from '@weconnect/nodes/sdk/registry'
import type { WorkflowContent, WorkflowNode } from '@weconnect/workflows/model'
import { DateTime } from 'luxon'
import { scheduleIdOf } from './ids.ts'
import type { Spec } from './state.ts'

type Asked = Omit<Spec, 'anchor'>

/** What the enabled nodes of a version that start at times ask for. */
export const schedulesOf = (
  { workflowId, nodes, settings }: Pick<WorkflowContent, 'workflowId' | 'nodes' | 'settings'>,
  version: number,
  organisationId: string,
  { registry, defaultTimezone }: { readonly registry: NodeRegistry; readonly defaultTimezone: string },
): readonly Asked[] => {
  const timezone = timezoneOf(settings['timezone'], defaultTimezone)
  return nodes.flatMap((node) => {
    const description = descriptionOf(node, registry)
    if (!description || description.rules.length === 0) return []
    const { nodeId, name: nodeName } = node
    return [
      {
        scheduleId: scheduleIdOf(workflowId, nodeId),
        workflowId,
        nodeId,
        nodeName,
        version,
        timezone,
        organisationId,
        ...termsOf(description, timezone),
      },
    ]
  })
}

const descriptionOf = (node: WorkflowNode, registry: NodeRegistry): ScheduleDescription | undefined =>
  node.options.disabled ? undefined : registry.find(node.nodeType, node.typeVersion)?.schedule?.(node.parameters, node.typeVersion)

const termsOf = ({ rules, startAt, endAt, ...terms }: ScheduleDescription, zone: string) => ({
  ...terms,
  rules: rules as unknown as JsonValue,
  ...(startAt !== undefined && { startAt: instantOf(startAt, zone) }),
  ...(endAt !== undefined && { endAt: instantOf(endAt, zone) }),
})

const instantOf = (text: string, zone: string): string => new Date(DateTime.fromISO(text, { zone }).toMillis()).toISOString()

/** The workflow's zone; the instance's where it names none, or one that there is not. */
const timezoneOf = (setting: JsonValue | undefined, fallback: string): string =>
  typeof setting === 'string' && setting !== 'DEFAULT' && isZone(setting) ? setting : fallback
