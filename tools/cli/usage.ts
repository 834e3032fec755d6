import type { Command } from './command.ts'

/** The list that `./weconnect help` prints. */
export const usage = (commands: readonly Command[]): string => {
  const width = Math.max(...commands.map(({ synopsis }) => synopsis.length))
  const lines = commands.map(({ synopsis, summary }) => `  ./weconnect ${synopsis.padEnd(width)}  ${summary}`)
  return `WeConnect: workflow automation on an event log

${lines.join('\n')}

Commands that talk to a running instance find it by its data folder (--data DIR, default .weconnect); --url URL with a token in WECONNECT_TOKEN
reaches another one. Commands that list or measure take --json. ./weconnect help COMMAND shows the options of one.`
}

/** What `./weconnect help COMMAND` prints. */
export const commandUsage = ({ synopsis, summary, options }: Command): string =>
  [`./weconnect ${synopsis}`, `  ${summary}`, ...(options.length > 0 ? ['', ...options.map((option) => `  ${option}`)] : [])].join('\n')
