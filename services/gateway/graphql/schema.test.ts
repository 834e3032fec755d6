import { readFileSync } from 'node:fs'
import { isObjectType, parse, validate, validateSchema } from 'graphql/index.js'
import { expect, test } from 'vitest'
import { checkDepth } from './limits/query-limits.ts'
import { gatewaySchema } from './schema.ts'

const schema = gatewaySchema()

test('the schema is valid and every root field has its resolver', () => {
  expect(validateSchema(schema)).toEqual([])
  for (const root of [schema.getQueryType(), schema.getMutationType()])
    for (const field of Object.values(root?.getFields() ?? {})) expect([field.name, typeof field.resolve]).toEqual([field.name, 'function'])
  for (const field of Object.values(schema.getSubscriptionType()?.getFields() ?? {}))
    expect([field.name, typeof field.subscribe]).toEqual([field.name, 'function'])
})

test('every list that grows is a connection with a count', () => {
  const connections = Object.values(schema.getTypeMap()).filter((type) => isObjectType(type) && type.name.endsWith('Connection'))
  expect(connections.length).toBeGreaterThan(5)
  for (const type of connections) if (isObjectType(type)) expect(Object.keys(type.getFields())).toEqual(['totalCount', 'pageInfo', 'edges'])
})

test('the queries of the guide are valid and within the limits', () => {
  const guide = readFileSync(new URL('../../../docs/graphql.md', import.meta.url), 'utf8')
  const examples = [...guide.matchAll(/```graphql\n([\s\S]*?)```/g)].map(([, query = '']) => query)
  expect(examples.length).toBeGreaterThan(4)
  for (const example of examples) {
    const document = parse(example)
    expect(validate(schema, document).map(({ message }) => message)).toEqual([])
    checkDepth(document)
  }
})
