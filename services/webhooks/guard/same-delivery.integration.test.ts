import { rmSync } from 'node:fs'
import { startTestInstance } from '@weconnect/testing/gateway-fixture'
import { webhooksOf } from '@weconnect/testing/live-webhook'
import { afterAll, describe, expect, test } from 'vitest'

const instance = await startTestInstance()
afterAll(() => instance.close())
const { live, call, executionsOf } = webhooksOf(instance)

describe('the same delivery again', () => {
  const counting = {
    steps: [
      {
        type: 'set',
        version: 3.4,
        parameters: { assignments: { assignments: [{ id: 'x', name: 'at', type: 'string', value: '={{ $execution.id }}' }] } },
      },
    ],
  }
  const delivery = (id: string): RequestInit => ({ headers: { 'x-delivery-id': id } })
  const deliver = (path: string, id: string): Promise<Response> => call(path, delivery(id))

  test('gets the answer of the first, and runs once', async () => {
    const { path, workflowId } = await live(counting)
    const first = await (await deliver(path, 'd1')).json()
    expect(await (await deliver(path, 'd1')).json()).toEqual(first)
    expect(await (await deliver(path, 'd2')).json()).not.toEqual(first)
    expect(await executionsOf(workflowId)).toHaveLength(2)
  })
  test('also when the node answers at once, and when a node responds', async () => {
    for (const given of [
      { parameters: { responseMode: 'onReceived' } },
      {
        parameters: { responseMode: 'responseNode' },
        steps: [
          { type: 'respondToWebhook', version: 1.1, parameters: { respondWith: 'json', responseBody: '={{ {id: $execution.id} }}' } },
        ],
      },
    ]) {
      const { path, workflowId } = await live(given)
      const answers = [await (await deliver(path, 'd1')).text(), await (await deliver(path, 'd1')).text()]
      expect(answers[0]).toBe(answers[1])
      expect(await executionsOf(workflowId)).toHaveLength(1)
    }
  })
  test('ids that begin alike are not the same', async () => {
    const { path, workflowId } = await live(counting)
    for (const end of ['a', 'b']) await deliver(path, 'x'.repeat(400) + end)
    expect(await executionsOf(workflowId)).toHaveLength(2)
  })
  test('also while the first still runs', async () => {
    const slow = {
      type: 'code',
      version: 2,
      parameters: { jsCode: 'for (let i = 0; i < 50_000_000; i++); return [{json: {id: $execution.id}}]' },
    }
    const { path, workflowId } = await live({ steps: [slow] })
    const answers = await Promise.all(Array.from({ length: 8 }, async () => (await deliver(path, 'd1')).text()))
    expect(new Set(answers).size).toBe(1)
    expect(JSON.parse(answers[0] ?? '')).toHaveProperty('id')
    expect(await executionsOf(workflowId)).toHaveLength(1)
  })
  test('also after a restart', async () => {
    const before = await startTestInstance()
    const { path, workflowId } = await webhooksOf(before).live(counting)
    const first = await (await webhooksOf(before).call(path, delivery('d1'))).text()
    await before.stop()
    const after = await startTestInstance({ folder: before.folder })
    const { call: callAgain, executionsOf: executionsAfter } = webhooksOf(after)
    try {
      expect(await (await callAgain(path, delivery('d1'))).text()).toBe(first)
      expect(await executionsAfter(workflowId)).toHaveLength(1)
    } finally {
      await after.close()
      rmSync(before.folder, { recursive: true, force: true })
    }
  })
})
