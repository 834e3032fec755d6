import type { JsonValue } from '@weconnect/contracts/json'
import type { NodeType } from '../../sdk/node.ts'
import { main, named } from '../../sdk/ports.ts'
import { choices, text } from '../../sdk/property.ts'
import { asText } from '../per-item.ts'
import { limitOf, limitProperties } from '../waiting-limit.ts'

const roles = ['owner', 'admin', 'editor'] as const

const rolesOf = (given: JsonValue | undefined): readonly string[] | undefined => {
  const chosen = Array.isArray(given) ? given.filter((role) => typeof role === 'string') : []
  return chosen.length > 0 ? chosen : undefined
}

/** WeConnect's own: waits until a person approves or rejects. */
export const approval: NodeType = {
  definition: {
    name: 'weconnect.approval',
    displayName: 'Approval',
    description: 'Wait until a person approves or rejects',
    category: 'flow',
    color: '#804050',
    versions: [1],
    properties: [
      text('Title', 'title', ''),
      choices(
        'Roles',
        'roles',
        roles.map((role) => [role[0]!.toUpperCase() + role.slice(1), role] as const),
        [],
      ),
      ...limitProperties,
    ],
    inputs: main,
    outputs: named('Approved', 'Rejected', 'Timed Out'),
    effects: 'external',
    afterCrash: 'repeat',
  },
  execute: async (context) => {
    const title = asText(await context.parameter('title', 0)).trim()
    const chosen = rolesOf(await context.parameter('roles', 0))
    return context.pauseForApproval(title === '' ? context.node.name : title, chosen, await limitOf(context))
  },
  validate: (parameters) => {
    const unknown = (rolesOf(parameters['roles']) ?? []).filter((role) => !roles.includes(role as (typeof roles)[number]))
    return unknown.length > 0 ? [{ parameter: 'roles', message: `Not a role that may decide: ${unknown.join(', ')}` }] : []
  },
}
