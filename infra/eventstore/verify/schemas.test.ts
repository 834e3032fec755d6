import { eventCatalogue } from '@weconnect/contracts/events/catalogue'
import { expect, test } from 'vitest'
import { loadSchemas } from './schemas.ts'

test('the schemas of all events can be read together', () => {
  expect([...loadSchemas().keys()].sort()).toEqual(Object.keys(eventCatalogue).sort())
})
