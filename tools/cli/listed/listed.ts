import type { Command } from '../command.ts'

type Run = Command['run']

/** Each command is loaded when it is called, so that none pays for the others. */
export const command = (
  synopsis: string,
  summary: string,
  load: () => Promise<Run>,
  options: readonly string[] = [],
): [string, Command] => {
  const name = synopsis.split(' ', 1)[0] ?? synopsis
  return [name, { name, synopsis, summary, options, run: async (args) => (await load())(args) }]
}

/** Options of a command that speaks to an instance. */
export const instance = [
  '--data DIR   data folder of the instance (default: WECONNECT_DATA, or .weconnect)',
  '--url URL    another instance; its token in WECONNECT_TOKEN',
]
/** Options of one that also answers programs. */
export const listing = [...instance, '--json       for programs']
