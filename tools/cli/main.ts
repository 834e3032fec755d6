import { isWeConnectError } from '@weconnect/contracts/errors'
import { UsageError } from './arguments.ts'
import { commands } from './commands.ts'
import { describeError } from './errors.ts'
import { commandUsage, usage } from './usage.ts'

// Local times of Date are those of the process; users' zones come from their workflows, never from the machine.
process.env['TZ'] = 'UTC'

const asksForHelp = (word: string | undefined): boolean => word === 'help' || word === '--help' || word === '-h'
/** These hand their words on to other tools, which have a help of their own. */
const handsOn = new Set(['test', 'check', 'bench', 'generate'])

/** `./weconnect COMMAND ...`: exit code 0 = done, 1 = failed or not equal, 2 = the words of the call are wrong. */
const main = async (words: readonly string[]): Promise<number> => {
  const [name = 'help', ...args] = words
  const command = commands.get(asksForHelp(name) ? (args[0] ?? '') : name)
  const helps = asksForHelp(name) || (args.some((word) => word === '--help' || word === '-h') && !handsOn.has(name))
  if (command && helps) {
    console.log(commandUsage(command))
    return 0
  }
  if (command) return command.run(args)
  if (helps) {
    console.log(usage([...commands.values()]))
    return 0
  }
  console.error(`There is no command "${name}"\n\n${usage([...commands.values()])}`)
  return 2
}

const isUsageError = (error: unknown): error is Error =>
  error instanceof UsageError ||
  (error instanceof Error && 'code' in error && typeof error.code === 'string' && error.code.startsWith('ERR_PARSE_ARGS'))

// A reader that has seen enough (`| head`) is no failure.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error
  process.exit()
})

try {
  process.exitCode = await main(process.argv.slice(2))
} catch (error) {
  if (isWeConnectError(error)) {
    console.error(describeError(error))
    process.exitCode = 1
  } else if (isUsageError(error)) {
    console.error(`${error.message}\n(./weconnect help ${process.argv[2]})`)
    process.exitCode = 2
  } else throw error
}
