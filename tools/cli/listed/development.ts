import { command } from './listed.ts'

/** Working on WeConnect itself. */
export const developmentCommands = [
  command('test [--long] [PATH ...]', 'runs the tests', async () => (await import('../commands/development.ts')).test),
  command('check', 'types, lint, import directions, schema compatibility', async () => (await import('../commands/development.ts')).check),
  command('generate', 'writes contracts/events from contracts/schemas', async () => (await import('../commands/development.ts')).generate),
  command(
    'conformance [GROUP | DIR] [--node TYPE] [--diff] [--json]',
    'runs recorded n8n workflows and says what agrees',
    async () => (await import('../commands/development.ts')).conformance,
  ),
  command('bench [w1 ... w9] [--quick]', 'measures', async () => (await import('../commands/development.ts')).bench),
]
