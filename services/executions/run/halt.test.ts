import { expect, test } from 'vitest'
import { Halt } from './halt.ts'

test('a cancellation lets a step end whose effect can be undone', () => {
  const halt = new Halt()
  halt.enter(false, true)
  halt.stop('cancelled')
  expect([halt.reason, halt.signal.aborted]).toEqual(['cancelled', false])
  halt.leave(false, true)
  halt.stop('cancelled')
  expect(halt.signal.aborted).toBe(true)
})

test('the first reason counts, and a shutdown stops even what undoes', () => {
  const halt = new Halt()
  halt.stop('timeout')
  expect([halt.isLettingGo, halt.undoingSignal.aborted]).toEqual([false, false])
  halt.stop('shutdown')
  expect([halt.reason, halt.isLettingGo, halt.undoingSignal.aborted]).toEqual(['timeout', true, true])
})

test('letting go cuts nothing off of which nobody would know what it did', () => {
  const halt = new Halt()
  halt.enter(true, false)
  expect([halt.letGo(), halt.isLettingGo, halt.isShutDown, halt.signal.aborted]).toEqual([true, true, false, false])
  halt.leave(true, false)
  expect([halt.letGo(), halt.isShutDown, halt.signal.aborted]).toEqual([false, true, true])
})
