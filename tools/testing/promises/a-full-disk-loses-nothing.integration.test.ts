import { type Instance, startInstance } from '@weconnect/testing/instance'
import { executionsIn, readLog } from '@weconnect/testing/promises/recorded-log'
import { mountSmallDisk, type SmallDisk } from '@weconnect/testing/promises/small-disk'
import { caughtUp } from '@weconnect/testing/promises/tables'
import { unable } from '@weconnect/testing/promises/unable'
import { hello, later } from '@weconnect/testing/promises/workflows'
import { afterAll, expect, test } from 'vitest'

const leftBytes = 3 * 1024 * 1024
const enoughToFill = 2_000

const disk: SmallDisk | undefined = mountSmallDisk(200)
let instance: Instance | undefined
afterAll(async () => {
  await instance?.remove()
  disk?.remove()
})

interface Answer {
  readonly status: number
  readonly code: string | undefined
}

const deliver = async (to: Instance, path: string, delivery: string): Promise<Answer> => {
  const answer = await to.deliver(path, { delivery, n: 1, padding: 'x'.repeat(4_000) })
  const body = (await answer.json()) as { code?: string; error?: { code?: string } }
  return { status: answer.status, code: body.code ?? body.error?.code }
}

const executionCount = async (of: Instance): Promise<number> =>
  (await of.graphql<{ executions: { totalCount: number } }>('{ executions(first: 1) { totalCount } }')).executions.totalCount

test.skipIf(unable('mount a tmpfs', disk !== undefined))(
  'a full disk refuses deliveries, loses nothing, and when there is space again everything goes on without a restart',
  async () => {
    const small = disk as SmallDisk
    const running = await startInstance({ dataFolder: small.folder })
    instance = running
    for (const { file } of [hello, later]) await running.activate(file)
    const accepted: string[] = []
    const refused: Answer[] = []
    const deliverSome = async (prefix: string, count: number, until: () => boolean): Promise<void> => {
      for (let number = 0; number < count && !until(); number += 1) {
        const answer = await deliver(running, number % 2 === 0 ? hello.path : later.path, `${prefix}-${number}`)
        if (answer.status === 200) accepted.push(`${prefix}-${number}`)
        else refused.push(answer)
      }
    }

    await deliverSome('before', 20, () => false)
    small.fill(leftBytes)
    await deliverSome('filling', enoughToFill, () => refused.length >= 10)
    expect(refused.length).toBeGreaterThanOrEqual(10)
    expect(new Set(refused.map(({ status, code }) => `${status} ${code}`))).toEqual(new Set(['507 DISK_FULL']))
    // PostgreSQL stops when it cannot write its own log: then reading is refused, and no wrong answer given.
    const read = await executionCount(running).catch((error: Error) => error.message)
    expect(typeof read === 'number' ? read > 0 : read).toSatisfy((said) => said === true || /does not answer just now/.test(String(said)))

    small.free()
    refused.length = 0
    await deliverSome('after', 20, () => false)
    expect(refused).toEqual([])
    await caughtUp(running)
    expect(await executionCount(running)).toBeGreaterThanOrEqual(accepted.length)

    const recorded = new Set(
      [...executionsIn(await readLog(small.folder)).values()].map(
        ([first]) => JSON.stringify(first?.data).match(/"delivery":"([^"]+)"/)?.[1],
      ),
    )
    expect(accepted.filter((delivery) => !recorded.has(delivery))).toEqual([])
    expect(await running.command('verify')).toMatchObject({ code: 0 })
  },
)
