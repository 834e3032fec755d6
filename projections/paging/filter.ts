/** Conditions of a query and their values, numbered as they are added. */
export interface Filter {
  /** Adds `condition`, in which each `?` stands for the next of `values`. */
  and(condition: string, ...values: unknown[]): Filter
  /** The same, only when the first value is given. */
  andIf(condition: string, ...values: unknown[]): Filter
  readonly values: readonly unknown[]
  /** All conditions, for `where`. */
  text(): string
}

/** Starts with the one condition that no query may lack: the organisation. */
export const ofOrganisation = (organisationId: string, column = 't.organization_id'): Filter =>
  startFilter([`${column} = $1`], [organisationId])

/** Rows of the organisation, and those that the product gives to all (only custom node types belong to one). */
export const visibleTo = (organisationId: string): Filter =>
  startFilter([`(t.category <> 'custom' or t.organization_id = $1)`], [organisationId])

const startFilter = (conditions: readonly string[], values: readonly unknown[]): Filter => ({
  values,
  text: () => conditions.join(' and '),
  and: (condition, ...more) => {
    let number = values.length
    return startFilter([...conditions, condition.replaceAll('?', () => `$${++number}`)], [...values, ...more])
  },
  andIf(condition, ...more) {
    return more[0] === undefined || more[0] === null ? this : this.and(condition, ...more)
  },
})

/** Text for `like`, its wildcards taken literally. */
export const containing = (text: string | undefined): string | undefined =>
  text === undefined || text === '' ? undefined : `%${text.replaceAll(/[\\%_]/g, '\\$&')}%`

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/
const nobodys = '00000000-0000-0000-0000-000000000000'

/** An id for a uuid column: what is no UUID is found nowhere, instead of being an error of the database. */
export const uuidOf = (id: string): string => (uuid.test(id) ? id : nobodys)
export const uuidIf = (id: string | undefined): string | undefined => (id === undefined ? undefined : uuidOf(id))
export const uuidsOf = (ids: readonly string[]): readonly string[] => ids.filter((id) => uuid.test(id))
