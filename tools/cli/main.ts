import { isWeConnectError } from '@weconnect/contracts/errors'
import { commands } from './commands.ts'
import { usage } from './usage.ts'

// Local times of Date are those of the process; users' zones come from their workflows, never from the machine.
process.env['TZ'] = 'UTC'

/** `./weconnect COMMAND ...`: exit code 0 = done, 1 = failed or not equal, 2 = the words of the call are wrong. */
const main = async (words: readonly string[]): Promise<number> => {
  const [name = 'help', ...args] = words
  const command = commands.get(name)
  if (command) return command.run(args)
  console.log(usage([...commands.values()]))
  return name === 'help' || name === '--help' || name === '-h' ? 0 : 2
}

const isUsageError = (error: unknown): error is Error =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' && error.code.startsWith('ERR_PARSE_ARGS')

try {
  process.exitCode = await main(process.argv.slice(2))
} catch (error) {
  if (isWeConnectError(error)) {
    console.error(`${error.code}: ${error.message}`)
    for (const { node, parameter, path, message } of error.problems) {
      console.error(
        `  - ${[node, parameter, path].filter((place) => place !== undefined).join(' / ')}${node || parameter || path ? ': ' : ''}${message}`,
      )
    }
    process.exitCode = 1
  } else if (isUsageError(error)) {
    console.error(error.message)
    process.exitCode = 2
  } else throw error
}
