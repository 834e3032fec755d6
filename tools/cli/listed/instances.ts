import { command } from './listed.ts'

/** Starting the product. */
export const instanceCommands = [
  command('up [--port N] [--data DIR]', 'starts everything in the foreground', async () => (await import('../commands/up.ts')).up, [
    '--port N     default: PORT, or 4000; 0 = any free port',
    '--data DIR   default: WECONNECT_DATA, or .weconnect',
  ]),
  command(
    'start ROLE ... [--port N] [--data DIR]',
    'starts roles of the product as a process of its own, any number of each',
    async () => (await import('../commands/start.ts')).start,
    [
      'ROLE         gateway webhooks engine relay projections scheduler realtime',
      '--port N     of health, metrics and what the roles serve; default: PORT, or 4000; 0 = any free port',
      '--data DIR   remembers there what it folded from the log; default: in PostgreSQL, for all processes, and nothing on disk',
      'EVENTSTORE_URL, POSTGRES_URL and WECONNECT_MASTER_KEY say what the processes share',
    ],
  ),
]
