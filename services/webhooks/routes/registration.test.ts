import type { WebhookEvent } from '@weconnect/contracts/events/webhook'
import { specify } from '@weconnect/testing/specify'
import { describe, expect, test } from 'vitest'
import { decide, evolve, type RegisterWebhook, type Registration, type WebhookCommand, webhookIdOf, webhookStream } from './registration.ts'

const organisationId = 'org-1'
type Recorded = WebhookEvent & { readonly organisationId: string }
const ours = (event: WebhookEvent): Recorded => ({ ...event, organisationId })

const given = specify<Registration, WebhookCommand, Recorded>({
  decide: (command, state) => decide(command, state).map(ours),
  evolve,
  initial: {},
})

const webhook = { workflowId: 'w1', nodeId: 'n1', version: 1, method: 'POST', path: 'orders' }
const webhookId = webhookIdOf('POST', 'orders')
const register = (changes: Partial<typeof webhook> = {}, organisation = organisationId): RegisterWebhook => ({
  type: 'RegisterWebhook',
  webhook: { ...webhook, ...changes },
  settings,
  organisationId: organisation,
})
const registered = (changes: Partial<typeof webhook> = {}) =>
  ours({ type: 'WebhookRegistered', data: { ...webhook, ...changes, webhookId } })
const settings = { responseConfig: { mode: 'lastNode' } }
const configured = ours({ type: 'WebhookConfigured', data: { settings } })
const released = ours({ type: 'WebhookReleased', data: { workflowId: 'w1' } })
const release = (workflowId = 'w1') => ({ type: 'ReleaseWebhook', method: 'POST', path: 'orders', workflowId }) as const

test('a free path is taken', () => given([]).when(register()).then([registered(), configured]))
test('the same again changes nothing', () => given([registered()]).when(register()).then([]))
test('a new version of the workflow takes it over', () =>
  given([registered()])
    .when(register({ version: 2 }))
    .then([registered({ version: 2 }), configured]))
test('so does another node of the workflow', () =>
  given([registered()])
    .when(register({ nodeId: 'n2' }))
    .then([registered({ nodeId: 'n2' }), configured]))
test('another workflow is refused', () =>
  given([registered()])
    .when(register({ workflowId: 'w2' }))
    .thenThrows('WEBHOOK_PATH_TAKEN'))
test('until the path is released', () =>
  given([registered(), released])
    .when(register({ workflowId: 'w2' }))
    .then([registered({ workflowId: 'w2' }), configured]))
test('the holder releases', () => given([registered()]).when(release()).then([released]))
test('nobody else does', () => given([registered()]).when(release('w2')).then([]))
test('releasing twice changes nothing', () => given([registered(), released]).when(release()).then([]))

describe('whose path it is', () => {
  const messageTo = (organisation: string): string => {
    try {
      decide(register({ workflowId: 'w2' }, organisation), evolve({}, registered()))
    } catch (error) {
      return String(error)
    }
    return ''
  }
  test('is told to those of the organisation', () => expect(messageTo(organisationId)).toContain('w1'))
  test('and to nobody else', () => {
    expect(messageTo('org-2')).toContain('another workflow')
    expect(messageTo('org-2')).not.toContain('w1')
  })
})

describe('paths that answer the same calls are one reservation', () => {
  test.each([
    ['a b', 'a%20b'],
    ['a//b/', '/a/b'],
    ['users/:id', 'users/:name'],
    ['käse', 'k%C3%A4se'],
    ['100%', '100%25'],
  ])('%s and %s', (one, other) => {
    expect(webhookIdOf('GET', one)).toBe(webhookIdOf('GET', other))
    expect(webhookStream(register({ path: one }))).toBe(webhookStream(register({ path: other })))
  })
  test.each([
    ['a/b', 'a%2Fb'],
    ['a', 'A'],
    ['users/:id', 'users/id'],
    [':id', '%3Aid'],
  ])('%s and %s are two', (one, other) => expect(webhookIdOf('GET', one)).not.toBe(webhookIdOf('GET', other)))
  test('methods are apart', () => expect(webhookIdOf('GET', 'a')).not.toBe(webhookIdOf('POST', 'a')))
})
