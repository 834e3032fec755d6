import type { RedisLink } from '@weconnect/redis/connect'

const everyMs = 1_000
const markSeconds = 60

export interface LossWatch {
  onLoss(listener: () => void): void
  close(): void
}

/**
 * Leaves a mark in Redis and looks every second whether it is there: after a FLUSHALL, and after a crash of a server that keeps nothing, it is gone, and the
 * jobs with it. A mark of its own for each process, so that each of them notices.
 */
export const watchForLoss = async ({ commands, prefix, status, onChange }: RedisLink, process: string): Promise<LossWatch> => {
  const mark = `${prefix}:process:${process}`
  const listeners = new Set<() => void>()
  const tell = (): void => {
    for (const listener of listeners) listener()
  }

  const look = async (): Promise<void> => {
    if (status().state === 'down') return
    try {
      if ((await commands.set(mark, '1', 'EX', markSeconds, 'XX')) === 'OK') return
      // Before anyone is told: jobs that are lost after this are noticed the next time.
      await commands.set(mark, '1', 'EX', markSeconds)
      tell()
    } catch {
      // It is away; the link tells.
    }
  }

  await commands.set(mark, '1', 'EX', markSeconds)
  const timer = setInterval(() => void look(), everyMs)
  timer.unref()
  onChange((state) => {
    if (state.state === 'up') void look()
    // Also when its data are still there: what it was not told while it was away.
    tell()
  })
  return {
    onLoss: (listener) => void listeners.add(listener),
    close: () => {
      clearInterval(timer)
      listeners.clear()
      void commands.del(mark).catch(() => undefined)
    },
  }
}
