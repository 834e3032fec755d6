import { command, instance, listing } from './listed.ts'

/** Workflows, and what makes them run. */
export const workflowCommands = [
  command(
    'import FILE.json ...',
    'imports n8n workflows; says what cannot run yet',
    async () => (await import('../commands/import.ts')).importFiles,
    listing,
  ),
  command('workflows', 'lists the workflows', async () => (await import('../commands/workflows.ts')).listWorkflows, listing),
  command('export NAME', 'prints a workflow as n8n JSON', async () => (await import('../commands/workflows.ts')).exportWorkflow, instance),
  command(
    'activate NAME',
    'publishes what changed and makes the triggers live',
    async () => (await import('../commands/activation.ts')).activate,
    listing,
  ),
  command('deactivate NAME', 'turns the triggers off', async () => (await import('../commands/activation.ts')).deactivate, listing),
  command(
    'schedules [pause | resume | backfill ID]',
    'lists when which workflow starts by itself',
    async () => (await import('../commands/schedules.ts')).schedules,
    [
      '--next N          also the next N times of each; 1000 at most',
      '--workflow NAME   only of this workflow',
      '--note TEXT       of a pause: why',
      '--from TIME       of a backfill: the beginning of the past stretch of time, ISO 8601',
      '--to TIME         and its end',
      '--again           of a backfill: also the times that ran already',
      ...listing,
    ],
  ),
  command(
    'webhooks [NAME]',
    'lists the active webhooks, and what became of their calls',
    async () => (await import('../commands/webhooks.ts')).webhooks,
    listing,
  ),
  command(
    'flow NAME [--set JSON | --clear]',
    'shows or changes how many run at a time, how often, in which order',
    async () => (await import('../commands/flow.ts')).flow,
    ['--set JSON   what the draft declares from now on, all of it', '--clear      it declares nothing any more', ...listing],
  ),
  command(
    'triggers [NAME]',
    'lists the triggers that look by themselves, and whether they can',
    async () => (await import('../commands/triggers.ts')).triggers,
    listing,
  ),
  command(
    'listen NAME',
    'waits for one call of its test webhook, which runs the draft',
    async () => (await import('../commands/listen.ts')).listen,
    ['--for SECONDS  default: 120; at most 3600', ...listing],
  ),
  command(
    'credentials [create | update | delete | test | connect | types] [ID]',
    'lists and changes the secrets that nodes use; never prints them',
    async () => (await import('../commands/credentials.ts')).credentials,
    [
      '--name NAME      of the credential: create, update',
      '--type TYPE      for example httpBasicAuth: create; types lists them all with their fields',
      '--from FILE      JSON with the fields; - = standard input: create, update',
      '--test-url URL   what to ask for with it: test',
      ...listing,
    ],
  ),
]
