/** Waits for Ctrl-C or SIGTERM. The second signal ends the process at once: the log is safe at any instant. */
export const stopRequested = (): Promise<void> =>
  new Promise((resolve) => {
    let asked = false
    const ask = (): void => {
      if (asked) process.exit(130)
      asked = true
      resolve()
    }
    process.on('SIGINT', ask)
    process.on('SIGTERM', ask)
  })
