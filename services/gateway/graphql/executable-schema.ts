// 'graphql/index.js' by name: bundlers and test runners take the ES modules for 'graphql', mercurius takes these, and the two do not mix.
import {
  buildSchema,
  type GraphQLFieldResolver,
  type GraphQLResolveInfo,
  type GraphQLSchema,
  isObjectType,
  isScalarType,
} from 'graphql/index.js'
import type { GraphContext } from './context.ts'
import { scalars } from './scalars.ts'

/** Takes whatever parent and arguments the schema gives it: the schema has checked them. */
export type Resolve = (parent: never, args: never, context: GraphContext, info: GraphQLResolveInfo) => unknown
export interface Subscribe {
  readonly subscribe: Resolve
}
export type Resolvers = Readonly<Record<string, Readonly<Record<string, Resolve | Subscribe>>>>

const fieldOf = (schema: GraphQLSchema, typeName: string, fieldName: string) => {
  const type = schema.getType(typeName)
  const field = isObjectType(type) ? type.getFields()[fieldName] : undefined
  if (field === undefined) throw new Error(`The schema has no field ${typeName}.${fieldName}`)
  return field
}

/** The schema with its resolvers in place. Throws at start for a resolver of a field that is not in the schema. */
export const executableSchema = (sdl: string, ...groups: readonly Resolvers[]): GraphQLSchema => {
  const schema = buildSchema(sdl)
  for (const [typeName, fields] of groups.flatMap(Object.entries<Resolvers[string]>))
    for (const [fieldName, resolver] of Object.entries(fields)) {
      const field = fieldOf(schema, typeName, fieldName)
      if (typeof resolver === 'function') field.resolve = resolver as GraphQLFieldResolver<unknown, GraphContext>
      else field.subscribe = resolver.subscribe as GraphQLFieldResolver<unknown, GraphContext>
    }
  for (const [name, scalar] of Object.entries(scalars)) {
    const type = schema.getType(name)
    if (isScalarType(type)) Object.assign(type, scalar)
  }
  return schema
}
