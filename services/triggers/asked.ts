import { createHash } from 'node:crypto'
import { WeConnectError } from '@weconnect/contracts/errors'
import type { JsonObject } from '@weconnect/contracts/json'
import type { ListenDescription } from '@weconnect/nodes/sdk/listening'
import type { NodeType } from '@weconnect/nodes/sdk/node'
import type { NodeRegistry } from '@weconnect/nodes/sdk/registry'
import { fixedParameters } from '@weconnect/scheduler/fixed-parameters'
import { timezoneOf } from '@weconnect/scheduler/schedules-of'
import type { WorkflowContent, WorkflowNode } from '@weconnect/workflows/model'

/** A node that looks for what starts its workflow, and at what. */
export interface Asked {
  readonly node: WorkflowNode
  readonly type: NodeType
  /** With their expressions evaluated. */
  readonly parameters: JsonObject
  readonly description: ListenDescription
  readonly timezone: string
  /** Hash of what is looked at. */
  readonly source: string
}

export interface AskedParts {
  readonly registry: NodeRegistry
  readonly defaultTimezone: string
  /** Milliseconds since the epoch. */
  readonly now: () => number
}

type Content = Pick<WorkflowContent, 'name' | 'nodes' | 'settings'> & { readonly workflowId: string }

/** The enabled nodes of a version that look by themselves. @throws WeConnectError WORKFLOW_INVALID, and those of an expression */
export const askedBy = ({ workflowId, name, nodes, settings }: Content, version: number, parts: AskedParts): readonly Asked[] => {
  const timezone = timezoneOf(settings['timezone'], parts.defaultTimezone)
  return nodes.flatMap((node) => {
    const type = node.options.disabled ? undefined : parts.registry.find(node.nodeType, node.typeVersion)
    if (!type?.listens) return []
    const now = new Date(parts.now()).toISOString()
    const parameters = fixedParameters(node, { workflow: { id: workflowId, name }, version, timezone, now })
    refuseProblems(node, type.validate(parameters, node.typeVersion))
    const description = type.listens(parameters, node.typeVersion)
    return [{ node, type, parameters, description, timezone, source: sourceOf(description, node) }]
  })
}

const refuseProblems = ({ name }: WorkflowNode, problems: ReturnType<NodeType['validate']>): void => {
  const [first] = problems
  if (!first) return
  throw new WeConnectError('WORKFLOW_INVALID', `The trigger "${name}" cannot look: ${first.parameter} ${first.message}`, {
    problems: problems.map((problem) => ({ code: 'WORKFLOW_INVALID', node: name, ...problem })),
  })
}

/** What is read, not how often: with other times a trigger goes on where it is. */
const sourceOf = (description: ListenDescription, { credentials }: WorkflowNode): string => {
  const { kind } = description
  const what =
    kind === 'poll'
      ? description.source
      : kind === 'kafka'
        ? [description.topic, description.groupId]
        : [description.mailbox, description.search]
  return createHash('sha256')
    .update(JSON.stringify([kind, what, credentials ?? null]))
    .digest('base64url')
}
