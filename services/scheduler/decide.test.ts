import type { ScheduleEvent } from '@weconnect/contracts/events/schedule'
import { describe, expect, test } from 'vitest'
import { decide, type ScheduleCommand } from './decide.ts'
import { nextDue, preview } from './due.ts'
import { executionIdOf, scheduleIdOf } from './ids.ts'
import { absentSchedule, evolve, type Schedule, type Spec } from './state.ts'

const at = (text: string): number => Date.parse(`2026-05-04T${text}Z`)
const iso = (text: string): string => new Date(at(text)).toISOString()
const organisationId = 'o1'
const scheduleId = scheduleIdOf('w1', 'n1')
const executionOf = (text: string): string => executionIdOf(scheduleId, at(text))

type Asked = Omit<Spec, 'anchor'>
/** Every ten minutes. */
const asked = (changes: Partial<Asked> = {}): Asked => ({
  ...{ scheduleId, workflowId: 'w1', nodeId: 'n1', nodeName: 'Schedule', version: 1, organisationId, timezone: 'UTC' },
  rules: [{ kind: 'every', unit: 'minutes', count: 10, minute: 0 }],
  ...{ overlap: 'allow', missed: 'one', missedWindowMs: 86_400_000, jitterMs: 0 },
  ...changes,
})
const register = (changes: Partial<Asked> = {}, now = '08:00:00'): ScheduleCommand => ({
  type: 'RegisterSchedule',
  scheduleId,
  spec: asked(changes),
  now: at(now),
})
const look = (now: string, ended?: string, activeVersion = 1): ScheduleCommand => ({
  type: 'FireDueTicks',
  scheduleId,
  now: at(now),
  activeVersion,
  endedExecutionId: ended,
})
const pause = { type: 'PauseSchedule', scheduleId, note: undefined, organisationId } as const
const resume = (now: string): ScheduleCommand => ({ type: 'ResumeSchedule', scheduleId, now: at(now), organisationId })
const backfill = (from: string, to: string, again = false, now = '12:00:00'): ScheduleCommand => ({
  ...{ type: 'BackfillSchedule', scheduleId, backfillId: 'b1', again, organisationId },
  ...{ from: at(from), to: at(to), now: at(now) },
})

/** Commands one after the other, each in an append of its own. */
const run = (commands: readonly ScheduleCommand[]): { state: Schedule; last: ScheduleEvent[]; all: ScheduleEvent[] } => {
  let state = absentSchedule
  let last: ScheduleEvent[] = []
  const all: ScheduleEvent[] = []
  for (const [append, command] of commands.entries()) {
    last = decide(command, state)
    for (const event of last) {
      state = evolve(state, { ...event, time: `t${append}`, revision: all.length, organisationId })
      all.push(event)
    }
  }
  return { state, last, all }
}
const short = (events: readonly ScheduleEvent[]): string[] =>
  events.map(({ type, data }) => {
    const time = (text: string) => text.slice(11, 19)
    if (type === 'ScheduleFired') return `${data.reason} ${time(data.tick)}`
    if (type === 'ScheduleTickQueued') return `queue ${time(data.tick)}`
    if (type === 'ScheduleTicksSkipped') return `skip ${data.reason} ${time(data.after)}-${time(data.until)}`
    return type
  })
const after = (...commands: ScheduleCommand[]): string[] => short(run(commands).last)

describe('a tick', () => {
  test('fires when it is due, and not before', () => {
    expect(after(register(), look('08:09:59'))).toEqual([])
    expect(after(register(), look('08:10:00'))).toEqual(['due 08:10:00'])
  })
  test('fires once, however often it is looked for, and also when the clock is set back', () => {
    expect(after(register(), look('08:10:00'), look('08:10:00'))).toEqual([])
    expect(after(register(), look('08:10:00'), look('08:05:00'), look('08:10:00'))).toEqual([])
  })
  test('gives the execution an id that follows from schedule and tick, and says when it goes on', () => {
    expect(run([register(), look('08:10:00')]).last).toEqual([
      {
        type: 'ScheduleFired',
        data: {
          ...{ tick: iso('08:10:00'), executionId: executionOf('08:10:00'), workflowVersion: 1, reason: 'due' },
          nextAt: iso('08:20:00'),
        },
      },
    ])
  })
  test('of a time before the registration never fires', () => {
    expect(after(register({}, '08:10:00'), look('08:10:00'))).toEqual([])
  })
})

describe('versions', () => {
  test('the schedule of a version fires only while that version is live', () => {
    expect(after(register(), look('08:10:00', undefined, 0))).toEqual([])
    expect(after(register(), look('08:10:00', undefined, 2))).toEqual([])
  })
  test('the old version never fires after the new one is registered (n8n #30607)', () => {
    expect(after(register(), register({ version: 2 }, '08:05:00'), look('08:10:00', undefined, 1))).toEqual([])
    const { last } = run([register(), register({ version: 2 }, '08:05:00'), look('08:10:00', undefined, 2)])
    expect(last).toMatchObject([{ data: { workflowVersion: 2 } }])
  })
  test('the same times go on where they were: no tick is lost in the moment of a publish', () => {
    expect(after(register(), register({ version: 2 }, '08:10:01'), look('08:10:02', undefined, 2))).toEqual(['due 08:10:00'])
  })
  test('other times begin with the publish: nothing of before counts as missed', () => {
    const rules = [{ kind: 'every', unit: 'minutes', count: 1, minute: 0 }]
    expect(after(register(), register({ version: 2, rules }, '08:05:30'), look('08:06:00', undefined, 2))).toEqual(['due 08:06:00'])
  })
  test('registering the same again changes nothing', () => expect(after(register(), register())).toEqual([]))
  test('every third day stays every third day', () => {
    const rules = [{ kind: 'days', count: 3, hour: 9, minute: 0 }]
    const { state } = run([register({ rules }), look('09:00:00'), register({ rules, version: 2 }, '10:00:00')])
    expect(preview(state, at('10:00:00'), 1)).toEqual([at('09:00:00') + 3 * 86_400_000])
  })
  test('a schedule that was released does not fire (n8n #15791); one registered anew begins anew', () => {
    const release = { type: 'ReleaseSchedule', scheduleId, workflowId: 'w1', keepVersion: undefined } as const
    expect(after(register(), release, look('08:10:00'))).toEqual([])
    expect(after(register(), { ...release, keepVersion: 1 })).toEqual([])
    expect(
      after(register({ maxExecutions: 1 }), look('08:10:00'), release, register({ maxExecutions: 1 }, '09:05:00'), look('09:10:00')),
    ).toEqual(['due 09:10:00'])
  })
})

describe('ticks that were missed', () => {
  const missed = (policy: Spec['missed'], now: string, window = 86_400_000): string[] =>
    after(register({ missed: policy, missedWindowMs: window }), look(now))
  test('skip', () => {
    expect(missed('skip', '08:45:00')).toEqual(['skip missed 08:00:00-08:40:00'])
    expect(missed('skip', '08:40:05')).toEqual(['skip missed 08:00:00-08:30:00', 'due 08:40:00'])
  })
  test('one: the latest', () => {
    expect(missed('one', '08:45:00')).toEqual(['skip missed 08:00:00-08:39:59', 'missed 08:40:00'])
    expect(missed('one', '08:40:05')).toEqual(['skip missed 08:00:00-08:29:59', 'missed 08:30:00', 'due 08:40:00'])
    expect(missed('one', '08:15:00')).toEqual(['missed 08:10:00'])
  })
  test('all', () => {
    expect(missed('all', '08:35:00')).toEqual(['missed 08:10:00', 'missed 08:20:00', 'missed 08:30:00'])
  })
  test('what was missed before the window never runs', () => {
    expect(missed('all', '08:35:00', 900_000)).toEqual(['skip missed 08:00:00-08:19:59', 'missed 08:20:00', 'missed 08:30:00'])
    expect(missed('one', '08:39:00', 300_000)).toEqual(['skip missed 08:00:00-08:30:00'])
  })
  test('all of many: in several appends, each tick once', () => {
    const rules = [{ kind: 'every', unit: 'seconds', count: 1, minute: 0 }]
    const { all } = run([register({ missed: 'all', rules }), look('08:05:00'), look('08:05:00'), look('08:05:00'), look('08:05:00')])
    const ticks = all.flatMap(({ type, data }) => (type === 'ScheduleFired' ? [data.tick] : []))
    expect(ticks).toHaveLength(300)
    expect(new Set(ticks).size).toBe(300)
  })
  test('a month of seconds is passed over without counting them', () => {
    const rules = [{ kind: 'every', unit: 'seconds', count: 1, minute: 0 }]
    const now = at('08:00:00') + 30 * 86_400_000
    const { state } = run([register({ rules, missed: 'one' })])
    const events = decide({ ...look('08:00:00'), now } as ScheduleCommand, state)
    expect(events.map(({ type }) => type)).toEqual(['ScheduleTicksSkipped', 'ScheduleFired', 'ScheduleFired'])
  })
})

describe('the run before has not ended', () => {
  const twice = (overlap: Spec['overlap'], ended?: string): string[] =>
    after(register({ overlap }), look('08:10:00'), look('08:20:00', ended))
  test('allow', () => expect(twice('allow')).toEqual(['due 08:20:00']))
  test('skip', () => {
    expect(twice('skip')).toEqual(['skip overlap 08:10:00-08:20:00'])
    expect(twice('skip', executionOf('08:10:00'))).toEqual(['due 08:20:00'])
  })
  test('queue one: the first that waits, not the next', () => {
    const { state, all } = run([register({ overlap: 'queueOne' }), look('08:10:00'), look('08:20:00'), look('08:30:00')])
    expect(short(all).slice(1)).toEqual(['due 08:10:00', 'queue 08:20:00', 'skip overlap 08:20:00-08:30:00'])
    expect(short(decide(look('08:31:00', executionOf('08:10:00')), state))).toEqual(['queued 08:20:00'])
  })
  test('queue all: one after the other, in their order', () => {
    const { all } = run([
      register({ overlap: 'queueAll' }),
      ...['08:10:00', '08:20:00', '08:30:00'].map((now) => look(now)),
      look('08:31:00', executionOf('08:10:00')),
      look('08:32:00', executionOf('08:10:00')),
      look('08:33:00', executionOf('08:20:00')),
    ])
    expect(short(all).slice(1)).toEqual(['due 08:10:00', 'queue 08:20:00', 'queue 08:30:00', 'queued 08:20:00', 'queued 08:30:00'])
  })
  test('cancel previous: it is named in the event', () => {
    const { last } = run([register({ overlap: 'cancelPrevious' }), look('08:10:00'), look('08:20:00')])
    expect(last).toMatchObject([{ data: { tick: iso('08:20:00'), cancels: executionOf('08:10:00') } }])
    expect(after(register({ overlap: 'cancelPrevious', missed: 'all' }), look('08:35:00'))).toEqual([
      'skip overlap 08:00:00-08:20:00',
      'missed 08:30:00',
    ])
  })
})

describe('limits', () => {
  test('no more than the most executions, queued ones counted', () => {
    const { state, all } = run([register({ maxExecutions: 2 }), look('08:10:00'), look('08:20:00'), look('08:30:00')])
    expect(short(all).slice(1)).toEqual(['due 08:10:00', 'due 08:20:00'])
    expect(nextDue(state)).toBeUndefined()
    expect(after(register({ maxExecutions: 2, missed: 'all' }), look('09:00:05'))).toHaveLength(2)
  })
  test('between its start and its end, both included', () => {
    const { state } = run([register({ startAt: iso('08:30:00'), endAt: iso('08:50:00') })])
    expect(preview(state, at('08:00:00'), 9)).toEqual([at('08:30:00'), at('08:40:00'), at('08:50:00')])
  })
  test('jitter: late by a part that is the same for everyone, and the tick keeps its time', () => {
    const { state } = run([register({ jitterMs: 300_000 })])
    const due = nextDue(state) as number
    expect(due).toBeGreaterThan(at('08:10:00'))
    expect(due).toBeLessThan(at('08:15:00'))
    expect(decide({ ...look('08:00:00'), now: due - 1 } as ScheduleCommand, state)).toEqual([])
    expect(short(decide({ ...look('08:00:00'), now: due } as ScheduleCommand, state))).toEqual(['due 08:10:00'])
  })
})

describe('a person', () => {
  test('pauses: ticks meanwhile do not run; resumes: only what comes', () => {
    expect(after(register(), pause, look('08:10:00'))).toEqual([])
    expect(after(register(), pause, look('08:10:00'), resume('08:35:00'), look('08:40:00'))).toEqual(['due 08:40:00'])
    expect(preview(run([register(), pause]).state, at('08:00:00'), 3)).toEqual([])
    expect(after(register(), pause, pause)).toEqual([])
  })
  test('a pause outlives a publish', () => {
    expect(after(register(), pause, register({ version: 2 }, '08:05:00'), look('08:10:00', undefined, 2))).toEqual([])
  })
  test('backfills a stretch of time, and the ids are those of the ticks', () => {
    const { last, state } = run([register({}, '10:00:00'), backfill('08:00:00', '08:30:00'), look('10:00:01')])
    expect(short(last)).toEqual(['backfill 08:00:00', 'backfill 08:10:00', 'backfill 08:20:00', 'backfill 08:30:00'])
    expect(last).toMatchObject([{ data: { executionId: executionOf('08:00:00') } }, {}, {}, {}])
    expect(short(decide(look('10:00:02'), state))).toEqual(['ScheduleBackfillCompleted'])
  })
  test('again: other ids, so that what ran runs once more', () => {
    const { last } = run([register({}, '10:00:00'), backfill('08:00:00', '08:00:00', true), look('10:00:01')])
    expect(last).toHaveLength(1)
    expect(last).not.toMatchObject([{ data: { executionId: executionOf('08:00:00') } }])
  })
  test('where runs may not overlap, a backfill runs one after the other, and behind what waits', () => {
    const start = [register({ overlap: 'skip' }, '10:00:00'), backfill('08:00:00', '08:10:00')]
    expect(after(...start, look('10:00:01'))).toEqual(['backfill 08:00:00'])
    expect(after(...start, look('10:00:01'), look('10:00:02'))).toEqual([])
    expect(after(...start, look('10:00:01'), look('10:00:02', executionOf('08:00:00')))).toEqual(['backfill 08:10:00'])
  })
  test('a backfill is of the past, of something, and not of everything', () => {
    expect(() => after(register(), backfill('13:00:00', '14:00:00'))).toThrow('of the past')
    expect(() => after(register(), backfill('08:01:00', '08:02:00'))).toThrow('no tick')
    const rules = [{ kind: 'every', unit: 'seconds', count: 1, minute: 0 }]
    expect(() => after(register({ rules }), backfill('00:00:00', '11:00:00'))).toThrow('10000 ticks at most')
  })
  test('of another organisation sees nothing; of a schedule that has ended, that', () => {
    expect(() => after(register(), { ...pause, organisationId: 'o2' })).toThrow('There is no schedule')
    const release = { type: 'ReleaseSchedule', scheduleId, workflowId: 'w1', keepVersion: undefined } as const
    expect(() => after(register(), release, pause)).toThrow('has ended')
  })
})

test('a fold from a checkpoint is the fold of everything', () => {
  const rules = [{ kind: 'every', unit: 'seconds', count: 1, minute: 0 }]
  const looks = Array.from(
    { length: 350 },
    (_, second) => ({ ...look('08:00:00'), now: at('08:00:00') + second * 1000 }) as ScheduleCommand,
  )
  const commands = [register({ rules, overlap: 'queueAll' }), backfill('07:00:00', '07:00:10', false, '08:00:00'), ...looks]
  const { all, state } = run(commands)
  const checkpoint = all.findLastIndex(({ type }) => type === 'ScheduleCheckpointed')
  expect(all.filter(({ type }) => type === 'ScheduleCheckpointed').length).toBeGreaterThan(2)
  expect(all.length - checkpoint).toBeLessThanOrEqual(101)
  const tail = all.slice(checkpoint).map((event, index) => ({ ...event, time: `x${index}`, revision: checkpoint + index, organisationId }))
  const folded = tail.reduce(evolve, absentSchedule)
  const { firedAt: _, fires: __, ...rest } = folded
  const { firedAt: ___, fires: ____, ...expected } = state
  expect(rest).toEqual(JSON.parse(JSON.stringify(expected)))
})
