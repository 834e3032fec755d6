import { WeConnectError } from '@weconnect/contracts/errors'
import type { JsonValue } from '@weconnect/contracts/json'
import type { ScheduleDescription } from '@weconnect/nodes/calendar/rules'
import { isZone } from '@weconnect/nodes/calendar/zone'
import type { NodeRegistry } from '@weconnect/nodes/sdk/registry'
import type { WorkflowContent, WorkflowNode } from '@weconnect/workflows/model'
import { DateTime } from 'luxon'
import { type ActivationFacts, fixedParameters } from './fixed-parameters.ts'
import { scheduleIdOf } from './ids.ts'
import type { Spec } from './state.ts'

type Asked = Omit<Spec, 'anchor'>

/** What the enabled nodes of a version that start at times ask for. @throws WeConnectError WORKFLOW_INVALID, and those of an expression */
export const schedulesOf = (
  { workflowId, name, nodes, settings }: Pick<WorkflowContent, 'workflowId' | 'name' | 'nodes' | 'settings'>,
  version: number,
  organisationId: string,
  { registry, defaultTimezone, now }: { readonly registry: NodeRegistry; readonly defaultTimezone: string; readonly now: () => number },
): readonly Asked[] => {
  const timezone = timezoneOf(settings['timezone'], defaultTimezone)
  return nodes.flatMap((node) => {
    const facts = { workflow: { id: workflowId, name }, version, timezone, now: new Date(now()).toISOString() }
    const description = descriptionOf(node, registry, facts)
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

const descriptionOf = (node: WorkflowNode, registry: NodeRegistry, facts: ActivationFacts): ScheduleDescription | undefined => {
  const { nodeType, typeVersion, name, options } = node
  const type = options.disabled ? undefined : registry.find(nodeType, typeVersion)
  if (!type?.schedule) return undefined
  const parameters = fixedParameters(node, facts)
  const problems = type.validate(parameters, typeVersion)
  if (problems.length === 0) return type.schedule(parameters, typeVersion)
  throw new WeConnectError('WORKFLOW_INVALID', `The schedule of "${name}" is not one: ${problems[0]?.parameter} ${problems[0]?.message}`, {
    problems: problems.map((problem) => ({ code: 'WORKFLOW_INVALID', node: name, ...problem })),
  })
}

const termsOf = ({ rules, startAt, endAt, ...terms }: ScheduleDescription, zone: string) => ({
  ...terms,
  rules: rules as unknown as JsonValue,
  ...(startAt !== undefined && { startAt: instantOf(startAt, zone) }),
  ...(endAt !== undefined && { endAt: instantOf(endAt, zone) }),
})

const instantOf = (text: string, zone: string): string => new Date(DateTime.fromISO(text, { zone }).toMillis()).toISOString()

/** The workflow's zone; the instance's where it names none, or one that there is not. */
export const timezoneOf = (setting: JsonValue | undefined, fallback: string): string =>
  typeof setting === 'string' && setting !== 'DEFAULT' && isZone(setting) ? setting : fallback
