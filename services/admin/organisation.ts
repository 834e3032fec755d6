import { WeConnectError } from '@weconnect/contracts/errors'
import type { OrganisationEvent } from '@weconnect/contracts/events/organisation'

export type Organisation =
  | { readonly status: 'absent' }
  | { readonly status: 'present'; readonly organisationId: string; readonly name: string }

export interface CreateOrganisation {
  readonly type: 'CreateOrganisation'
  readonly organisationId: string
  readonly name: string
}

export const noOrganisation: Organisation = { status: 'absent' }

/** Creating what exists already changes nothing, so that a start that was cut short can be repeated. */
export const decideOrganisation = (command: CreateOrganisation, organisation: Organisation): OrganisationEvent[] => {
  if (organisation.status === 'present') return []
  const name = command.name.trim()
  if (name === '') throw new WeConnectError('INVALID_INPUT', 'An organisation needs a name')
  return [{ type: 'OrganisationCreated', data: { organisationId: command.organisationId, name } }]
}

export const evolveOrganisation = (_: Organisation, { data }: OrganisationEvent): Organisation => ({
  status: 'present',
  organisationId: data.organisationId,
  name: data.name,
})
