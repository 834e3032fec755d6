/**
 * A console that keeps its lines: at most 1,000 lines of 10,000 characters.
 * Sent into the isolate as source text: it must not use anything from outside itself.
 */
export const keepConsole = (global: typeof globalThis, logs: { level: string; message: string }[]): void => {
  const maxLines = 1000
  const maxLength = 10_000

  const text = (value: unknown): string => {
    if (typeof value === 'string') return value
    if (value instanceof Error) return value.stack ?? String(value)
    if (typeof value === 'object' && value !== null) return asJson(value)
    return String(value)
  }
  const asJson = (value: object): string => {
    try {
      return JSON.stringify(value) ?? String(value)
    } catch {
      return Object.prototype.toString.call(value)
    }
  }
  const keep =
    (level: string) =>
    (...values: unknown[]): void => {
      if (logs.length >= maxLines) return
      const message = logs.length === maxLines - 1 ? 'Further lines were dropped' : values.map(text).join(' ')
      logs.push({ level, message: message.length > maxLength ? `${message.slice(0, maxLength)}…` : message })
    }
  const ignored = (): void => undefined
  global.console = {
    log: keep('info'),
    info: keep('info'),
    warn: keep('warn'),
    error: keep('error'),
    debug: keep('debug'),
    trace: keep('debug'),
    dir: keep('info'),
    table: keep('info'),
    group: keep('info'),
    groupEnd: ignored,
    time: ignored,
    timeEnd: ignored,
    assert: ignored,
    count: ignored,
  } as unknown as Console
}
