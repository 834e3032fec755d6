import { itemsOf, runNode } from '@weconnect/testing/node-harness'
import { expect, test } from 'vitest'
import { cron } from './cron/node.ts'
import { errorTrigger } from './errorTrigger/node.ts'
import { interval } from './interval/node.ts'
import { scheduleTrigger } from './scheduleTrigger/node.ts'

test.each([cron, errorTrigger, interval, scheduleTrigger])(
  '$definition.displayName is a trigger and gives what it was started with',
  async (type) => {
    expect(type.definition.isTrigger).toBe(true)
    const items = itemsOf({ a: 1 }, {})
    expect((await runNode(type, { items })).outputs).toEqual([items])
  },
)

test('started by hand, the schedule gives the time in the zone of the workflow', async () => {
  const { outputs } = await runNode(scheduleTrigger, { now: '2024-05-06T13:00:05.013Z', timezone: 'Europe/Berlin' })
  expect(outputs).toEqual([
    [
      {
        json: {
          timestamp: '2024-05-06T15:00:05.013+02:00',
          'Readable date': 'May 6th 2024, 3:00:05 pm',
          'Readable time': '3:00:05 pm',
          'Day of week': 'Monday',
          Year: '2024',
          Month: 'May',
          'Day of month': '06',
          Hour: '15',
          Minute: '00',
          Second: '05',
          Timezone: 'Europe/Berlin (UTC+02:00)',
        },
      },
    ],
  ])
})

test('started by hand, the others give an empty item or an example', async () => {
  expect((await runNode(cron)).outputs).toEqual([[{ json: {} }]])
  expect((await runNode(interval)).outputs).toEqual([[{ json: {} }]])
  expect((await runNode(errorTrigger)).outputs[0]![0]!.json).toHaveProperty('execution.error.message')
})
