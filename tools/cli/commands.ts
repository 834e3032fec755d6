import type { Command } from './command.ts'

/** Each command is loaded when it is called, so that `up` does not pay for the others. */
const command = (
  name: string,
  synopsis: string,
  summary: string,
  load: () => Promise<(args: readonly string[]) => Promise<number>>,
): [string, Command] => [name, { name, synopsis, summary, run: async (args) => (await load())(args) }]

export const commands: ReadonlyMap<string, Command> = new Map([
  command('up', 'up [--port N] [--data DIR]', 'starts everything in the foreground', async () => (await import('./commands/up.ts')).up),
  command(
    'import',
    'import FILE.json ...',
    'imports n8n workflows; says what cannot run yet',
    async () => (await import('./commands/import.ts')).importFiles,
  ),
  command('workflows', 'workflows', 'lists the workflows', async () => (await import('./commands/workflows.ts')).listWorkflows),
  command('export', 'export NAME', 'prints a workflow as n8n JSON', async () => (await import('./commands/workflows.ts')).exportWorkflow),
  command(
    'activate',
    'activate NAME',
    'publishes what changed and makes the triggers live',
    async () => (await import('./commands/activation.ts')).activate,
  ),
  command('deactivate', 'deactivate NAME', 'turns the triggers off', async () => (await import('./commands/activation.ts')).deactivate),
  command('run', 'run NAME [--input JSON]', 'runs the draft by hand', async () => (await import('./commands/run.ts')).runWorkflow),
  command('cancel', 'cancel EXECUTION', 'stops an execution', async () => (await import('./commands/run.ts')).cancelExecution),
  command(
    'executions',
    'executions [--follow]',
    'lists the executions, or streams them',
    async () => (await import('./commands/executions.ts')).executions,
  ),
  command(
    'events',
    'events EXECUTION',
    'prints the recorded stream, step by step',
    async () => (await import('./commands/events.ts')).events,
  ),
  command(
    'replay',
    'replay EXECUTION',
    're-runs it against its recorded effects; says equal or where not',
    async () => (await import('./commands/replay.ts')).replay,
  ),
  command(
    'projections',
    'projections',
    'lists the read models and how far behind they are',
    async () => (await import('./commands/projections.ts')).projections,
  ),
  command(
    'rebuild',
    'rebuild PROJECTION',
    'drops a read model and builds it from the log',
    async () => (await import('./commands/projections.ts')).rebuild,
  ),
  command(
    'verify',
    'verify',
    'reads the whole log: revisions, order, hash chains, schemas',
    async () => (await import('./commands/verify.ts')).verify,
  ),
  command('token', 'token', 'prints a token of the owner', async () => (await import('./commands/token.ts')).token),
  command('test', 'test [--long] [PATH ...]', 'runs the tests', async () => (await import('./commands/development.ts')).test),
  command(
    'check',
    'check',
    'types, lint, import directions, schema compatibility',
    async () => (await import('./commands/development.ts')).check,
  ),
  command(
    'generate',
    'generate',
    'writes contracts/events from contracts/schemas',
    async () => (await import('./commands/development.ts')).generate,
  ),
  command(
    'conformance',
    'conformance [GROUP | DIR] [--node TYPE] [--diff] [--json]',
    'runs recorded n8n workflows and says what agrees',
    async () => (await import('./commands/development.ts')).conformance,
  ),
  command('bench', 'bench [w1 w2 w3 w4] [--quick]', 'measures', async () => (await import('./commands/development.ts')).bench),
])
