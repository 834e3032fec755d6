import { type ParseArgsOptionsConfig, parseArgs } from 'node:util'

/** The words of the call are wrong: exit code 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
}

/** Options and exactly one word. @param what names the word for the message */
export const parseOne = <const Options extends ParseArgsOptionsConfig>(args: readonly string[], options: Options, what: string) => {
  const { values, positionals } = parseArgs({ args: [...args], options, allowPositionals: true, strict: true })
  const [word, ...more] = positionals
  if (word === undefined) throw new UsageError(`Name the ${what}`)
  if (more.length > 0) throw new UsageError(`One ${what} at a time, not also "${more.join('", "')}"`)
  return { values, word }
}

/** Options and the name of a workflow, which may be written without quotes. */
export const parseName = <const Options extends ParseArgsOptionsConfig>(args: readonly string[], options: Options) => {
  const { values, positionals } = parseArgs({ args: [...args], options, allowPositionals: true, strict: true })
  if (positionals.length === 0) throw new UsageError('Name the workflow, by its name, the beginning of it, or its id')
  return { values, name: positionals.join(' ') }
}

/** @throws UsageError naming the option */
export const wholeNumber = (option: string, text: string | undefined, fallback: number): number => {
  const value = Number(text ?? fallback)
  if (!Number.isInteger(value) || value < 1) throw new UsageError(`--${option} must be a whole number of at least 1, not "${text}"`)
  return value
}
