import type { Envelope } from '@weconnect/contracts/envelope'
import type { ExecutionEvent } from '@weconnect/contracts/events/execution'
import { expect, test } from 'vitest'
import { evolve, type Recorded } from '../decider/evolve.ts'
import { initialExecution } from '../decider/state.ts'
import type { WaitView } from './face.ts'
import { WaitNotes } from './wait-notes.ts'

const time = (revision: number): string => `2026-01-01T00:00:0${revision}.000Z`
const until = '2026-01-02T00:00:00.000Z'

/** Given these events, the waits are these. */
const waitsAfter = (events: readonly ExecutionEvent[]): readonly WaitView[] => {
  const notes = new WaitNotes()
  const recorded = events.map((event, revision) => ({ ...event, revision, time: time(revision), actor: 'user:ada' }))
  for (const event of recorded) notes.keep(event as unknown as Envelope<ExecutionEvent>)
  const { steps } = recorded.reduce((state, event) => evolve(state, event as Recorded), initialExecution())
  return notes.list(steps)
}

const node = { nodeId: 'n0', nodeName: 'Wait' }
const identity = { step: 0, ...node, nodeType: 't', runIndex: 0, attempt: 1, inputs: [], startedAt: time(0) }
const begun: ExecutionEvent = { type: 'StepStarted', data: identity }
const done: ExecutionEvent = { type: 'StepCompleted', data: { ...identity, durationMs: 1, outputCounts: [1] } }
const paused = (waitFor: 'webhook' | 'time' | 'retry' | 'incident'): ExecutionEvent => ({
  type: 'ExecutionPaused',
  data: { step: 0, waitFor, until },
})
const opened: ExecutionEvent = { type: 'WaitOpened', data: { step: 0, ...node, waitFor: 'webhook', until } }
const called: ExecutionEvent = { type: 'ExecutionResumed', data: { step: 0, input: [] } }
const wait = { step: 0, ...node, waitFor: 'webhook', until, openedAt: time(1) }

test('a pause for a call is a wait, opened once however often it is put down', () => {
  expect(waitsAfter([begun, paused('webhook')])).toEqual([wait])
  expect(waitsAfter([begun, paused('webhook'), { type: 'PauseRequested', data: {} }, paused('webhook')])).toEqual([wait])
  expect(waitsAfter([begun, opened, paused('webhook')])).toEqual([wait])
})

test('a pause for anything that nobody brings is none', () => {
  for (const waitFor of ['time', 'retry', 'incident'] as const) expect(waitsAfter([begun, paused(waitFor)])).toEqual([])
})

test('a wait ends with the call and who made it, with its time, and with its execution', () => {
  const ended = { ...wait, endedAt: time(2) }
  expect(waitsAfter([begun, paused('webhook'), called])).toEqual([{ ...ended, endedBy: 'user:ada' }])
  expect(waitsAfter([begun, paused('webhook'), done])).toEqual([ended])
  const cancelled: ExecutionEvent = { type: 'ExecutionCancelled', data: { steps: 1, durationMs: 1 } }
  expect(waitsAfter([begun, paused('webhook'), cancelled])).toEqual([ended])
})

test('moved to another version, a wait is that of the node that stands for its own', () => {
  const moved: ExecutionEvent = {
    type: 'ExecutionMigrated',
    data: {
      ...{ migrationId: 'm', fromVersion: 1, workflowVersion: 2, workflowRevision: 9, plan: [], triggerNodeId: 't' },
      nodes: [{ nodeId: 'n0', toNodeId: 'n1', toName: 'Wait longer' }],
    },
  } as unknown as ExecutionEvent
  expect(waitsAfter([begun, paused('webhook'), moved])).toEqual([{ ...wait, nodeId: 'n1', nodeName: 'Wait longer' }])
})
