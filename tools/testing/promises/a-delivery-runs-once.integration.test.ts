import { setTimeout as sleep } from 'node:timers/promises'
import { type Instance, startInstance } from '@weconnect/testing/instance'
import { setFields, workflowFile } from '@weconnect/testing/n8n-workflow'
import { executionsIn, readLog } from '@weconnect/testing/promises/recorded-log'
import { afterAll, beforeAll, expect, test } from 'vitest'

const kills = process.env['WECONNECT_LONG'] === '1' ? 50 : 6

let instance: Instance
beforeAll(async () => {
  instance = await startInstance()
})
afterAll(async () => {
  await instance?.remove()
})

const file = workflowFile(
  'Told apart by its body',
  {
    Webhook: {
      type: 'n8n-nodes-base.webhook',
      version: 2,
      parameters: {
        ...{ httpMethod: 'POST', path: 'once', responseMode: 'onReceived' },
        options: { deduplication: { values: { by: 'body', windowSeconds: 86_400 } } },
      },
    },
    After: setFields({ seen: '={{ $json.body.n }}' }),
  },
  ['Webhook -> After'],
)

/** Sent again until somebody says that it is on disk, and then once more. @returns the executions that the sender was told of */
const insist = async (n: number): Promise<readonly string[]> => {
  const told: string[] = []
  while (told.length < 2) {
    try {
      const answer = await instance.deliver('once', { n })
      if (answer.ok) told.push(((await answer.json()) as { executionId: string }).executionId)
    } catch {
      await sleep(20)
    }
  }
  return told
}

test('deliveries that name nothing, sent again and again while the process is killed: one execution each, and every answer names it', async () => {
  await instance.activate(file)
  const told = new Map<number, readonly string[]>()
  let stopped = false
  const senders = [0, 1, 2, 3].map(async (sender) => {
    for (let n = sender; !stopped || told.size < 4; n += 4) told.set(n, await insist(n))
  })
  for (let kill = 0; kill < kills; kill += 1) {
    await sleep(100 + Math.random() * 400)
    await instance.kill9()
    await instance.restart()
  }
  stopped = true
  await Promise.all(senders)
  const made = [...executionsIn(await readLog(instance.dataFolder)).keys()]
  expect(made).toHaveLength(told.size)
  for (const ids of told.values()) {
    expect(new Set(ids).size).toBe(1)
    expect(made).toContain(ids[0])
  }
})
