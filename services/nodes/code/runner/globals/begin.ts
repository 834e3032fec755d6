import type { Failure, Outcome, StepData } from '../step.ts'
import type { keepConsole } from './console.ts'
import type { defineHelpers } from './helpers.ts'
import type { outcomeWriter } from './outcome.ts'
import type { defineScope } from './scope.ts'
import type { replaceTime } from './time.ts'

/** The functions that make up the inside of an isolate. */
export interface Parts {
  readonly keepConsole: typeof keepConsole
  readonly outcomeWriter: typeof outcomeWriter
  readonly defineScope: typeof defineScope
  readonly defineHelpers: typeof defineHelpers
  readonly replaceTime: typeof replaceTime
}

/**
 * Prepares the isolate for one step: after it, the user's script calls `runStep(async function () {...})` once.
 * Sent into the isolate as source text: it must not use anything from outside itself.
 * @returns a function to call until it answers: the outcome as JSON text; undefined = a timer ran, call again
 */
export const begin = (parts: Parts, text: string, ask: (query: string) => string): (() => string | undefined) => {
  const global = globalThis as typeof globalThis & Record<string, unknown>
  const data = JSON.parse(text) as StepData
  const logs: { level: string; message: string }[] = []
  const customData: Record<string, string> = {}
  const staticData: Outcome['staticData'] = {}
  const staticBefore = { global: JSON.stringify(data.staticData.global), node: JSON.stringify(data.staticData.node) }
  let ended: Pick<Outcome, 'value' | 'perItem' | 'failure'> | undefined

  const { runTimer } = parts.replaceTime(global, data.now, data.seed)
  parts.keepConsole(global, logs)
  const { write, failureOf } = parts.outcomeWriter()
  const select = parts.defineScope(global, data, ask, { customData, staticData })

  parts.defineHelpers(global, data.items, ask)

  const failed = (error: unknown, item?: number): { failure: Failure } => ({ failure: failureOf(error, item) })
  const runAll = async (code: () => unknown): Promise<void> => {
    try {
      select(0)
      ended = { value: (await code.call(global)) as Outcome['value'] & {} }
    } catch (error) {
      ended = failed(error)
    }
  }
  const runEach = async (code: () => unknown): Promise<void> => {
    const perItem: { value?: never; failure?: Failure }[] = []
    for (let index = 0; index < data.items.length; index++) {
      try {
        select(index)
        perItem.push({ value: (await code.call(global)) as never })
      } catch (error) {
        if (data.onItemError === 'stop') {
          ended = failed(error, index)
          return
        }
        perItem.push(failed(error, index))
      }
    }
    ended = { perItem }
  }
  const changedStaticData = (): Outcome['staticData'] =>
    Object.fromEntries(
      Object.entries(staticData).filter(([area, value]) => JSON.stringify(value) !== staticBefore[area as 'global' | 'node']),
    )
  const report = (outcome: Pick<Outcome, 'value' | 'perItem' | 'failure'>): string =>
    write({ ...outcome, logs, customData, staticData: changedStaticData() })

  global['runStep'] = (code: () => unknown): void => {
    Reflect.deleteProperty(global, 'runStep')
    void (data.mode === 'runOnceForEachItem' ? runEach(code) : runAll(code))
  }
  return () => {
    try {
      if (ended === undefined && runTimer()) return undefined
      return report(ended ?? failed(new Error('The code waits for a promise that nothing resolves')))
    } catch (error) {
      if (ended === undefined) {
        ended = failed(error)
        return undefined
      }
      ended = failed(error)
      return write({ ...ended, logs, customData, staticData: {} })
    }
  }
}
