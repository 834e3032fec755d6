import { itemsOf, runNode } from '@weconnect/testing/node-harness'
import { expect, test } from 'vitest'
import { wait, waitClassic } from './node.ts'

const now = '2026-01-02T03:04:05.000Z'
const items = itemsOf({ a: 1 })

test('an interval is counted from the time of the step, and the items go on', async () => {
  const { pausedUntil, outputs } = await runNode(wait, { items, now, parameters: { amount: 90, unit: 'minutes' } })
  expect(pausedUntil).toBe('2026-01-02T04:34:05.000Z')
  expect(outputs).toEqual([[{ json: { a: 1 }, pairedItem: { item: 0 } }]])
})

test('the defaults are an hour at first and five seconds later', async () => {
  expect((await runNode(waitClassic, { items, now })).pausedUntil).toBe('2026-01-02T04:04:05.000Z')
  expect((await runNode(wait, { items, now })).pausedUntil).toBe('2026-01-02T03:04:10.000Z')
})

test('a time without a zone is in the zone of the workflow; one that has passed does not wait', async () => {
  const at = (dateTime: string) =>
    runNode(wait, { items, now, timezone: 'America/New_York', parameters: { resume: 'specificTime', dateTime } })
  expect((await at('2026-01-02T08:00:00')).pausedUntil).toBe('2026-01-02T13:00:00.000Z')
  expect((await at('2026-01-02 08:00:00')).pausedUntil).toBe('2026-01-02T13:00:00.000Z')
  expect((await at('2025-01-01T00:00:00Z')).pausedUntil).toBeUndefined()
  await expect(at('tomorrow')).rejects.toThrow('not valid')
})

test('a bad amount, a bad unit and what is not built yet are refused', async () => {
  await expect(runNode(wait, { items, parameters: { amount: -1 } })).rejects.toThrow('Invalid wait amount')
  await expect(runNode(wait, { items, parameters: { unit: 'years' } })).rejects.toThrow('Invalid wait unit')
  await expect(runNode(wait, { items, parameters: { resume: 'form' } })).rejects.toThrow('not supported yet')
})

test('for a call it says how its address is called, until a limit', async () => {
  const parameters = { resume: 'webhook', httpMethod: 'POST', options: { webhookSuffix: '/approve/' } }
  expect(wait.waitsAt?.(parameters, 1.1)).toMatchObject({
    methods: ['POST'],
    path: 'approve',
    responseMode: 'onReceived',
    responseCode: 200,
  })
  expect(wait.waitsAt?.({}, 1.1)).toBeUndefined()
  expect((await runNode(wait, { items, now, parameters })).pausedUntil).toBe('a call')
  const limited = { ...parameters, limitWaitTime: true, limitType: 'atSpecifiedTime', maxDateAndTime: '2026-03-01T00:00:00Z' }
  expect((await runNode(wait, { items, now, parameters: limited })).pausedUntil).toBe('2026-03-01T00:00:00.000Z')
  const guarded = { ...parameters, incomingAuthentication: 'basicAuth', options: { ignoreBots: true, ipWhitelist: '10.0.0.1' } }
  expect(wait.validate(guarded, 1.1)).toEqual([])
  expect(wait.waitsAt?.(guarded, 1.1)).toMatchObject({
    authentication: 'basicAuth',
    guards: { ignoreBots: true, addresses: ['10.0.0.1'] },
  })
  expect(wait.validate({ resume: 'webhook', incomingAuthentication: 'secretHandshake' }, 1.1)).toMatchObject([
    { parameter: 'incomingAuthentication' },
  ])
  expect(wait.validate({ resume: 'webhook', options: { ipWhitelist: 'home' } }, 1.1)).toMatchObject([{ parameter: 'options.ipWhitelist' }])
  expect(wait.validate({ resume: 'webhook', options: { webhookSuffix: '={{ 1 }}' } }, 1.1)).toMatchObject([
    { parameter: 'options.webhookSuffix' },
  ])
})
