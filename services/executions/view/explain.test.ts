import { expect, test } from 'vitest'
import { evolve, type Recorded } from '../decider/evolve.ts'
import { initialExecution } from '../decider/state.ts'
import type { RecordedExecution } from '../stream/recorded.ts'
import { explain } from './explain.ts'
import type { Explanation } from './face.ts'

const time = '2026-01-01T00:00:00.000Z'
const elsewhere = { isRunning: () => false, status: () => ({ ready: true, running: 0, queued: 0 }) }

/** Given these events, and no run of it here, this is why it stands where it stands. */
const explained = (events: readonly Pick<Recorded, 'type' | 'data'>[]): Explanation => {
  const recorded = events.map((event, revision) => ({ ...event, revision, time }) as Recorded)
  return explain({ state: recorded.reduce(evolve, initialExecution()) } as RecordedExecution, elsewhere, 'e')
}

const requested = {
  type: 'ExecutionRequested',
  data: { executionId: 'e', workflowId: 'w', workflowVersion: 1, workflowRevision: 7, trigger: 'webhook', input: [] },
} as const
const started = {
  type: 'ExecutionStarted',
  data: { worker: 'w0', epoch: 1, executionOrder: 'v1', plan: [], seed: '00', engineVersion: '1', timezone: 'UTC', maxSteps: 10 },
} as const
const claimed = (number: number) => ({ type: 'ExecutionClaimed', data: { worker: `w${number}`, epoch: number + 1 } }) as const

test('what another worker has in hand is said to be there, and how often engines died at it', () => {
  const one = explained([requested, started])
  expect(one).toMatchObject({ kind: 'workerLost', worker: 'w0', message: expect.stringMatching(/another takes over\.$/) })
  const two = explained([requested, started, claimed(1), claimed(2)])
  expect(two).toMatchObject({ kind: 'workerLost', worker: 'w2', message: expect.stringContaining('Engines died 2 times in a row') })
})
