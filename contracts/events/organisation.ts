// Generated from contracts/schemas by `./weconnect generate`. Do not edit.

/** An organisation came into being. */
export interface OrganisationCreated {
  readonly type: 'OrganisationCreated'
  readonly data: {
    /** Id. */
    readonly organisationId: string
    /** Name. */
    readonly name: string
  }
}

export type OrganisationEvent = OrganisationCreated
