import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { webhookIdOf } from './registration.ts'
import { type Listener, RouteTable } from './routes.ts'

const routeAt = (method: string, path: string, workflowId = path): Listener => ({
  webhookId: webhookIdOf(method, path),
  workflowId,
  method,
  path,
})
const tableOf = (...routes: readonly Listener[]): RouteTable<Listener> => {
  const table = new RouteTable<Listener>()
  for (const route of routes) table.put(route)
  return table
}
const found = (table: RouteTable<Listener>, method: string, path: string) => {
  const match = table.find(method, path)
  return match && [match.route.path, match.params]
}

describe('exact paths', () => {
  const table = tableOf(routeAt('POST', 'orders/new'), routeAt('GET', 'käse brot'), routeAt('GET', 'a%2Fb'), routeAt('GET', '100%'))
  test.each([
    ['POST', 'orders/new', 'orders/new'],
    ['POST', 'orders//new', 'orders/new'],
    ['POST', '/orders/new/', 'orders/new'],
    ['POST', 'orders/n%65w', 'orders/new'],
    ['GET', 'k%C3%A4se%20brot', 'käse brot'],
    ['GET', 'a%2Fb', 'a%2Fb'],
    ['GET', 'a%2fb', 'a%2Fb'],
    ['GET', '100%25', '100%'],
  ])('%s %s is %s', (method, path, expected) => expect(found(table, method, path)).toEqual([expected, {}]))
  test.each([
    ['GET', 'orders/new'],
    ['POST', 'orders'],
    ['POST', 'Orders/new'],
    ['POST', 'orders/new/more'],
    ['GET', 'a/b'],
    ['GET', ''],
    ['GET', '%'],
    ['GET', '%00'],
  ])('%s %s is nothing', (method, path) => expect(found(table, method, path)).toBeUndefined())
})

describe('paths with parameters', () => {
  const table = tableOf(
    routeAt('GET', 'f6c1/users/:id'),
    routeAt('GET', 'f6c1/users/me'),
    routeAt('GET', 'f6c1/:kind/:id'),
    routeAt('GET', ':tenant/users/last'),
    routeAt('GET', 'f6c1/__proto__/:__proto__'),
  )
  test.each([
    ['f6c1/users/7', 'f6c1/users/:id', { id: '7' }],
    ['f6c1/users/me', 'f6c1/users/me', {}],
    ['f6c1/users/a%2Fb%20c', 'f6c1/users/:id', { id: 'a/b c' }],
    ['f6c1/teams/7', 'f6c1/:kind/:id', { kind: 'teams', id: '7' }],
    ['acme/users/last', ':tenant/users/last', { tenant: 'acme' }],
    ['f6c1/users/:id', 'f6c1/users/:id', { id: ':id' }],
    ['f6c1/__proto__/x', 'f6c1/__proto__/:__proto__', {}],
  ])('%s is %s', (path, expected, params) => expect(found(table, 'GET', path)).toEqual([expected, params]))
  test.each(['users/7', '0000/users/7', 'f6c1/users', 'f6c1/users/7/more', 'f6c1', ':webhookId/users/7'])('%s is nothing', (path) =>
    expect(found(table, 'GET', path)).toBeUndefined(),
  )
})

test('what is removed is gone, and only that', () => {
  const table = tableOf(routeAt('GET', 'a'), routeAt('POST', 'a'), routeAt('GET', 'x/:id'), routeAt('GET', 'x/:id/y'))
  for (const path of ['a', 'x/:id']) table.remove(webhookIdOf('GET', path))
  expect([found(table, 'GET', 'a'), found(table, 'GET', 'x/1')]).toEqual([undefined, undefined])
  expect([found(table, 'POST', 'a'), found(table, 'GET', 'x/1/y')]).toEqual([
    ['a', {}],
    ['x/:id/y', { id: '1' }],
  ])
})

test('a later registration takes the place of the earlier one', () => {
  const table = tableOf(routeAt('GET', 'x/:id', 'first'), routeAt('GET', 'x/:name', 'second'))
  expect(table.find('GET', 'x/1')).toMatchObject({ route: { workflowId: 'second' }, params: { name: '1' } })
  expect(table.ofWorkflow('first')).toEqual([])
})

test('the methods of a path', () => {
  const table = tableOf(routeAt('GET', 'a/:b'), routeAt('PUT', 'a/b'))
  expect(table.methodsAt('a/b')).toEqual(['GET', 'PUT'])
  expect(table.methodsAt('b')).toEqual([])
})

test('any path is found under its percent-encoded form', () => {
  const segment = fc.string({ unit: 'binary', minLength: 1, maxLength: 12 }).filter((text) => !/[/%]|^:/.test(text) && text.isWellFormed())
  fc.assert(
    fc.property(fc.array(segment, { minLength: 1, maxLength: 4 }), (segments) => {
      const table = tableOf(routeAt('GET', segments.join('/')))
      expect(table.find('GET', segments.map(encodeURIComponent).join('/'))?.route.path).toBe(segments.join('/'))
    }),
  )
})
