import { WeConnectError } from '@weconnect/contracts/errors'

export type Role = 'owner' | 'admin' | 'editor' | 'viewer'

/** Who asks, as their token says. */
export interface Principal {
  readonly userId: string
  readonly organisationId: string
  readonly role: Role
}

const everyone: readonly Role[] = ['owner', 'admin', 'editor', 'viewer']
const editors: readonly Role[] = ['owner', 'admin', 'editor']
const admins: readonly Role[] = ['owner', 'admin']

/** The whole of authorisation: which role may do what, always within its own organisation. */
export const permissions = {
  'workflow:read': everyone,
  'workflow:edit': editors,
  'workflow:publish': editors,
  'workflow:activate': editors,
  'execution:read': everyone,
  'execution:run': editors,
  'execution:cancel': editors,
  'execution:resolve': editors,
  'execution:pause': editors,
  'execution:migrate': editors,
  'execution:signal': editors,
  'execution:approve': editors,
  'execution:replay': editors,
  'event:read': everyone,
  'node:read': everyone,
  'webhook:read': everyone,
  'schedule:read': everyone,
  'schedule:manage': editors,
  'credential:read': everyone,
  'credential:manage': editors,
  'metric:read': everyone,
  'audit:read': admins,
  'projection:read': everyone,
  'projection:manage': admins,
  'queue:read': everyone,
  'queue:inspect': admins,
} as const satisfies Record<string, readonly Role[]>

export type Action = keyof typeof permissions

const allowed: Readonly<Record<Action, readonly Role[]>> = permissions

/** @throws WeConnectError FORBIDDEN */
export const authorise = (principal: Principal, action: Action): void => {
  if (!allowed[action].includes(principal.role))
    throw new WeConnectError('FORBIDDEN', `The role ${principal.role} may not do this (${action})`)
}
