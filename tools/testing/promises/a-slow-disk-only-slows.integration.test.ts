import { tmpdir } from 'node:os'
import { setTimeout as sleep } from 'node:timers/promises'
import { openEmbeddedEventStore } from '@weconnect/eventstore/embedded'
import { type Instance, startInstance } from '@weconnect/testing/instance'
import { type Delivery, sendDeliveries } from '@weconnect/testing/promises/deliveries'
import { endingsOf, executionsIn, openExecutionsIn, readLog } from '@weconnect/testing/promises/recorded-log'
import { brakeOnDisk } from '@weconnect/testing/promises/slow-disk'
import { unable } from '@weconnect/testing/promises/unable'
import { hello, later } from '@weconnect/testing/promises/workflows'
import { afterAll, expect, test, vi } from 'vitest'

const writesPerSecond = 60

const brake = brakeOnDisk(tmpdir(), writesPerSecond)
let instance: Instance | undefined
afterAll(async () => {
  await instance?.remove()
  brake?.remove()
})

const rateOf = (sent: readonly Delivery[], ms: number): string => `${Math.round((sent.length * 1_000) / ms)}/s`

test.skipIf(unable('slow down its disk', brake !== undefined))(
  'a disk that takes few writes a second slows deliveries down; none is refused, none is lost, also not when the process is killed',
  async () => {
    const running = await startInstance()
    instance = running
    for (const { file } of [hello, later]) await running.activate(file)
    const sender = sendDeliveries(running, { paths: [hello.path, later.path], connections: 8, pauseMs: 1 })
    await sleep(1_000)
    const fast = sender.sent.length

    brake?.slowDown(running.pid())
    await sleep(2_000)
    const slow = sender.sent.slice(fast)
    await running.kill9()
    await running.restart()
    brake?.slowDown(running.pid())
    await sleep(1_000)
    await sender.stop()
    expect(brake?.writes()).toBeGreaterThan(0)
    brake?.speedUp()

    const store = openEmbeddedEventStore({ folder: running.dataFolder, readOnly: true })
    await vi.waitFor(async () => expect(await openExecutionsIn(store)).toEqual([]), { timeout: 30_000, interval: 20 })
    await store.close()
    console.log(`deliveries: ${rateOf(sender.sent.slice(0, fast), 1_000)} before, ${rateOf(slow, 2_000)} at ${writesPerSecond} writes/s`)
    const answered = sender.sent.filter(({ status }) => status !== undefined)
    expect(new Set(answered.map(({ status }) => status))).toEqual(new Set([200]))
    const executions = [...executionsIn(await readLog(running.dataFolder)).values()]
    const recorded = executions.map(([first]) => /"delivery":"([^"]+)"/.exec(JSON.stringify(first?.data))?.[1] ?? '')
    expect(new Set(recorded).size).toBe(recorded.length)
    expect(answered.filter(({ id }) => !recorded.includes(id))).toEqual([])
    expect(new Set(executions.flatMap(endingsOf))).toEqual(new Set(['ExecutionCompleted']))
    expect(await running.command('verify')).toMatchObject({ code: 0 })
  },
)
