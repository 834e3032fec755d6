type Given<Fields> = { [Name in keyof Fields]?: Exclude<Fields[Name], null> }

/** GraphQL gives null for what was left out on purpose; our commands and filters know only absent fields. */
export const withoutNulls = <Fields extends object>(fields: Fields): Given<Fields> =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== null && value !== undefined)) as Given<Fields>
