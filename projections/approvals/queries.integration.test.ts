import type { DomainEvent } from '@weconnect/contracts/envelope'
import { completed, ended, idOf, requested, executionStarted as started, stepOf as step } from '@weconnect/testing/execution-events'
import { openReadModels, type ReadModels } from '@weconnect/testing/read-models'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { approvalList } from './projection.ts'
import { type ApprovalFilter, listApprovals } from './queries.ts'

let models: ReadModels
beforeAll(async () => {
  models = await openReadModels([approvalList])
})
afterAll(() => models.close())

const write = (n: number, ...events: DomainEvent[]) => models.write(`execution-${idOf(n)}`, events, { actor: 'user:ada' })
const asked = (number: number, roles?: readonly string[]): DomainEvent => ({
  type: 'WaitOpened',
  data: {
    step: number,
    nodeId: `n${number}`,
    nodeName: `N${number}`,
    waitFor: 'approval',
    title: `Is ${number} right?`,
    ...(roles && { roles }),
  },
})
const titles = async (filter: ApprovalFilter = {}): Promise<readonly (string | null)[]> => {
  const { rows } = await listApprovals(models.sql, { organisationId: models.organisationId, filter, first: 50 })
  return rows.map(({ title }) => title)
}

test('what is asked is listed until it is answered, whoever may answer', async () => {
  await write(1, requested(1), started, { type: 'StepStarted', data: step(0) }, asked(0), asked(1, ['admin']), {
    type: 'WaitOpened',
    data: { step: 2, nodeId: 'n2', nodeName: 'N2', waitFor: 'signal', name: 'go' },
  })
  expect((await titles()).toSorted()).toEqual(['Is 0 right?', 'Is 1 right?'])
  expect(await titles({ role: 'editor' })).toEqual(['Is 0 right?'])
  expect((await titles({ role: 'admin' })).length).toBe(2)
  expect(await titles({ executionId: idOf(9) })).toEqual([])
  await write(1, { type: 'ApprovalDecided', data: { step: 0, approved: true, role: 'owner' } })
  expect(await titles()).toEqual(['Is 1 right?'])
})

test('a step whose time is over asks no longer; the ends of other steps change nothing', async () => {
  await write(1, completed(0, [[]]))
  expect(await titles()).toEqual(['Is 1 right?'])
  await write(1, {
    type: 'StepCompleted',
    data: { ...step(1), nodeType: 'weconnect.approval', durationMs: 1, outputCounts: [1], outputs: [[]] },
  })
  expect(await titles()).toEqual([])
  await write(1, ended(1))
})

test.each<[string, DomainEvent]>([
  ['cancelled', { type: 'ExecutionCancelled', data: { steps: 1, durationMs: 1 } }],
  ['failed', { type: 'ExecutionFailed', data: { step: 0, code: 'NODE_FAILED', error: { message: 'no' }, steps: 1, durationMs: 1 } }],
])('an execution that is %s asks no longer', async (status, end) => {
  const n = status === 'failed' ? 2 : 3
  await write(n, requested(n), started, asked(0), asked(1))
  expect(await titles({ executionId: idOf(n) })).toHaveLength(2)
  await write(n, end)
  expect(await titles({ executionId: idOf(n) })).toEqual([])
})

test('another organisation sees none of them', async () => {
  await write(4, requested(4), started, asked(0))
  expect((await listApprovals(models.sql, { organisationId: idOf(77), filter: {}, first: 50 })).rows).toEqual([])
  expect(await titles()).toHaveLength(1)
})
