/**
 * Replaces the clock, the timers and Math.random of an isolate by recorded and seeded ones, so that a replay is the same.
 * Sent into the isolate as source text: it must not use anything from outside itself.
 *
 * Timers run in virtual time: nothing waits, the clock jumps to the earliest timer when all else has come to rest.
 */
export const replaceTime = (global: typeof globalThis, start: number, seed: readonly number[]) => {
  let now = start
  let lastTimer = 0
  const timers = new Map<number, { at: number; call: () => void; every?: number }>()

  const replaceDate = (): void => {
    const RealDate = global.Date
    const RecordedDate = new Proxy(RealDate, {
      apply: () => new RealDate(now).toString(),
      construct: (_target, args, newTarget) => Reflect.construct(RealDate, args.length === 0 ? [now] : args, newTarget) as Date,
    })
    RealDate.now = () => now
    RealDate.prototype.constructor = RecordedDate
    global.Date = RecordedDate
  }

  // A formatter without an argument reads the real clock.
  const replaceFormatters = (): void => {
    const prototype = global.Intl.DateTimeFormat.prototype
    const { formatToParts } = prototype
    const format = Object.getOwnPropertyDescriptor(prototype, 'format')!.get!
    prototype.formatToParts = function (date) {
      return formatToParts.call(this, date ?? now)
    }
    Object.defineProperty(prototype, 'format', {
      configurable: true,
      get() {
        const bound = format.call(this) as (date?: number | Date) => string
        return (date?: number | Date) => bound(date ?? now)
      },
    })
  }

  const replaceRandom = (): void => {
    const state = new Uint32Array(seed)
    // sfc32, by Chris Doty-Humphrey (PractRand), public domain.
    global.Math.random = () => {
      const sum = (state[0]! + state[1]! + state[3]!) >>> 0
      state[3] = state[3]! + 1
      state[0] = state[1]! ^ (state[1]! >>> 9)
      state[1] = state[2]! + (state[2]! << 3)
      state[2] = ((state[2]! << 21) | (state[2]! >>> 11)) + sum
      return sum / 4294967296
    }
  }

  const addTimers = (): void => {
    const set = (call: (...args: unknown[]) => void, delay: number, every: boolean, args: unknown[]): number => {
      const wait = Math.max(1, Number(delay) || 0)
      lastTimer += 1
      timers.set(lastTimer, { at: now + wait, call: () => call(...args), ...(every ? { every: wait } : {}) })
      return lastTimer
    }
    const clear = (timer: unknown) => void timers.delete(timer as number)
    Object.assign(global, {
      setTimeout: (call: () => void, delay: number, ...args: unknown[]) => set(call, delay, false, args),
      setInterval: (call: () => void, delay: number, ...args: unknown[]) => set(call, delay, true, args),
      setImmediate: (call: () => void, ...args: unknown[]) => set(call, 0, false, args),
      queueMicrotask: (call: () => void) => void Promise.resolve().then(call),
      clearTimeout: clear,
      clearInterval: clear,
      clearImmediate: clear,
    })
  }

  /** Runs the earliest timer. False when there is none. */
  const runTimer = (): boolean => {
    let first: number | undefined
    for (const [id, timer] of timers) if (first === undefined || timer.at < timers.get(first)!.at) first = id
    if (first === undefined) return false
    const timer = timers.get(first)!
    now = Math.max(now, timer.at)
    if (timer.every === undefined) timers.delete(first)
    else timer.at = now + timer.every
    timer.call()
    return true
  }

  // Real clocks, threads and memory outside the isolate's heap, none of which a step needs.
  for (const name of ['Temporal', 'WebAssembly', 'SharedArrayBuffer', 'Atomics', 'WeakRef', 'FinalizationRegistry'])
    Reflect.deleteProperty(global, name)
  replaceDate()
  replaceFormatters()
  replaceRandom()
  addTimers()
  return { runTimer }
}
