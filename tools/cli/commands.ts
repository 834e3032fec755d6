import type { Command } from './command.ts'

type Run = Command['run']

/** Each command is loaded when it is called, so that none pays for the others. */
const command = (synopsis: string, summary: string, load: () => Promise<Run>, options: readonly string[] = []): [string, Command] => {
  const name = synopsis.split(' ', 1)[0] ?? synopsis
  return [name, { name, synopsis, summary, options, run: async (args) => (await load())(args) }]
}

const instance = [
  '--data DIR   data folder of the instance (default: WECONNECT_DATA, or .weconnect)',
  '--url URL    another instance; its token in WECONNECT_TOKEN',
]
const listing = [...instance, '--json       for programs']

export const commands: ReadonlyMap<string, Command> = new Map([
  command('up [--port N] [--data DIR]', 'starts everything in the foreground', async () => (await import('./commands/up.ts')).up, [
    '--port N     default: PORT, or 4000; 0 = any free port',
    '--data DIR   default: WECONNECT_DATA, or .weconnect',
  ]),
  command(
    'start ROLE ... [--port N] [--data DIR]',
    'starts roles of the product as a process of its own, any number of each',
    async () => (await import('./commands/start.ts')).start,
    [
      'ROLE         gateway webhooks engine relay projections scheduler realtime',
      '--port N     of health, metrics and what the roles serve; default: PORT, or 4000; 0 = any free port',
      '--data DIR   remembers there what it folded from the log; default: in PostgreSQL, for all processes, and nothing on disk',
      'EVENTSTORE_URL, POSTGRES_URL and WECONNECT_MASTER_KEY say what the processes share',
    ],
  ),
  command(
    'import FILE.json ...',
    'imports n8n workflows; says what cannot run yet',
    async () => (await import('./commands/import.ts')).importFiles,
    listing,
  ),
  command('workflows', 'lists the workflows', async () => (await import('./commands/workflows.ts')).listWorkflows, listing),
  command('export NAME', 'prints a workflow as n8n JSON', async () => (await import('./commands/workflows.ts')).exportWorkflow, instance),
  command(
    'activate NAME',
    'publishes what changed and makes the triggers live',
    async () => (await import('./commands/activation.ts')).activate,
    listing,
  ),
  command('deactivate NAME', 'turns the triggers off', async () => (await import('./commands/activation.ts')).deactivate, listing),
  command(
    'schedules [pause | resume | backfill ID]',
    'lists when which workflow starts by itself',
    async () => (await import('./commands/schedules.ts')).schedules,
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
    async () => (await import('./commands/webhooks.ts')).webhooks,
    listing,
  ),
  command(
    'flow NAME [--set JSON | --clear]',
    'shows or changes how many run at a time, how often, in which order',
    async () => (await import('./commands/flow.ts')).flow,
    ['--set JSON   what the draft declares from now on, all of it', '--clear      it declares nothing any more', ...listing],
  ),
  command(
    'triggers [NAME]',
    'lists the triggers that look by themselves, and whether they can',
    async () => (await import('./commands/triggers.ts')).triggers,
    listing,
  ),
  command(
    'listen NAME',
    'waits for one call of its test webhook, which runs the draft',
    async () => (await import('./commands/listen.ts')).listen,
    ['--for SECONDS  default: 120; at most 3600', ...listing],
  ),
  command(
    'credentials [create | update | delete | test | connect | types] [ID]',
    'lists and changes the secrets that nodes use; never prints them',
    async () => (await import('./commands/credentials.ts')).credentials,
    [
      '--name NAME      of the credential: create, update',
      '--type TYPE      for example httpBasicAuth: create; types lists them all with their fields',
      '--from FILE      JSON with the fields; - = standard input: create, update',
      '--test-url URL   what to ask for with it: test',
      ...listing,
    ],
  ),
  command('run NAME [--input JSON]', 'runs the draft by hand', async () => (await import('./commands/run.ts')).runWorkflow, [
    '--input JSON     an object, or a list of them: what the trigger gives',
    '--trigger NODE   where to start, when there are several triggers',
    ...listing,
  ]),
  command('retry EXECUTION', 'runs a failed one again from the step that failed', async () => (await import('./commands/fork.ts')).retry, [
    '--newest     with the newest version of the workflow',
    ...listing,
  ]),
  command(
    'fork EXECUTION [--from NODE]',
    'runs an ended one again, from its beginning or from a step',
    async () => (await import('./commands/fork.ts')).fork,
    [
      '--from NODE     node, or number of the step, that runs anew; what came before it is taken over',
      '--newest        with the newest version of the workflow',
      '--input JSON    in place of what the trigger gave; only from the beginning',
      ...listing,
    ],
  ),
  command('explain EXECUTION', 'says why it stands where it stands', async () => (await import('./commands/explain.ts')).explain, listing),
  command(
    'pause EXECUTION [--reason TEXT]',
    'begins no further step of it until it is resumed',
    async () => (await import('./commands/control.ts')).pauseExecution,
    ['--reason TEXT   kept with it', ...listing],
  ),
  command(
    'resume EXECUTION [--input JSON]',
    'goes on with a paused one, or ends its wait for a call',
    async () => (await import('./commands/run.ts')).resumeExecution,
    ['--input JSON   an object, or a list of them: in place of what the call would have brought', ...listing],
  ),
  command('cancel EXECUTION', 'stops an execution', async () => (await import('./commands/run.ts')).cancelExecution, listing),
  command(
    'signal EXECUTION NAME [--payload JSON]',
    'sends a signal, for which a step waits or will wait',
    async () => (await import('./commands/control.ts')).signalExecution,
    ['--payload JSON   what comes with it', '--id ID          makes it repeatable: the same id is taken once', ...listing],
  ),
  command(
    'approvals',
    'lists what people are asked to approve',
    async () => (await import('./commands/control.ts')).listApprovals,
    listing,
  ),
  ...(['approve', 'reject'] as const).map((name) =>
    command(
      `${name} EXECUTION [--comment TEXT]`,
      name === 'approve' ? 'approves what a step asks for' : 'rejects what a step asks for',
      async () => (await import('./commands/control.ts'))[name],
      ['--step N         which one, when several steps ask', '--comment TEXT   kept with the decision', ...listing],
    ),
  ),
  command(
    'executions [--follow]',
    'lists the executions, or streams them',
    async () => (await import('./commands/executions.ts')).executions,
    [
      '--follow          goes on with every execution that begins, pauses or ends, until Ctrl-C',
      '--workflow NAME   only of this workflow',
      '--status STATUS   only these (may be repeated): pending running waiting paused incident completed failed cancelled timeout',
      '--limit N         default: 20; 100 at most',
      ...listing,
    ],
  ),
  command(
    'bulk cancel | pause | resume | retry | rerun',
    'does the same with all executions that a filter finds',
    async () => (await import('./commands/bulk.ts')).bulk,
    [
      '--workflow NAME   only of this workflow',
      '--status STATUS   only these (may be repeated); else those for which it can be meant',
      '--since TIME      asked for at this time or later, ISO 8601',
      '--until TIME      asked for before this time',
      '--error TEXT      a part of the code or message of the error',
      '--dry-run         only counts them',
      '--newest          retry and rerun: with the newest version of the workflow',
      '--reason TEXT     kept with cancel and pause',
      ...listing,
    ],
  ),
  command(
    'migrate WORKFLOW --to N | show ID',
    'moves executions that wait to another version: all of them, or none',
    async () => (await import('./commands/migrate.ts')).migrate,
    [
      '--to N           published version to move to',
      '--from N         only executions of this version, 0 for the draft; else of all other published ones',
      '--map OLD=NEW    the node that stands for a node (may be repeated), by name or id; others are found by their id, else by their name',
      '--execution ID   only these (may be repeated); else all that wait, are paused or have an incident',
      '--dry-run        says which can move, and why others cannot',
      '--reason TEXT    kept with it',
      ...listing,
    ],
  ),
  command(
    'incidents',
    'lists what a person has to decide: effects that may or may not have happened',
    async () => (await import('./commands/incidents.ts')).listIncidents,
    listing,
  ),
  command(
    'resolve EXECUTION --retry | --skip | --fail',
    'says what becomes of an incident',
    async () => (await import('./commands/incidents.ts')).resolveIncident,
    [
      '--retry         it is done again, under a new key',
      '--skip          --output stands for the output of the step',
      '--fail          the step has failed',
      '--step N        which one, when several steps are in doubt',
      '--output JSON   with --skip: items, [{"json": {...}}]',
      '--reason TEXT   kept with the decision',
      ...listing,
    ],
  ),
  command(
    'events EXECUTION',
    'prints the recorded stream, step by step',
    async () => (await import('./commands/events.ts')).events,
    listing,
  ),
  command(
    'replay EXECUTION',
    're-runs it against its recorded effects; says equal or where not',
    async () => (await import('./commands/replay.ts')).replay,
    listing,
  ),
  command(
    'projections [parked | retry PROJECTION [STREAM] | pause PROJECTION | resume PROJECTION]',
    'lists the read models and how far behind they are, or what they have put aside',
    async () => (await import('./commands/projections.ts')).projections,
    listing,
  ),
  command(
    'rebuild PROJECTION',
    'drops a read model and builds it from the log',
    async () => (await import('./commands/projections.ts')).rebuild,
    listing,
  ),
  command(
    'queues [QUEUE] [--state STATE]',
    'shows how full the work queues are, or the jobs of one',
    async () => (await import('./commands/queues.ts')).queues,
    ['--state STATE   waiting (default), active, delayed, completed, failed: which jobs of the queue', ...listing],
  ),
  command(
    'verify',
    'reads the whole log: revisions, order, hash chains, schemas',
    async () => (await import('./commands/verify.ts')).verify,
    ['--data DIR   data folder (default: WECONNECT_DATA, or .weconnect); no instance has to run', '--json       for programs'],
  ),
  command(
    'eventstore serve [--port N] [--data DIR] [--insecure | --cert FILE --key FILE]',
    'serves an event log by the EventStoreDB protocol',
    async () => (await import('./commands/eventstore.ts')).eventstore,
    [
      '--port N      default: 2113; 0 = any free port',
      '--host HOST   default: 127.0.0.1',
      '--data DIR    folder of the log (default: .weconnect/eventstore); the folder of a WeConnect instance can be read, not written',
      '--insecure    no TLS and no accounts',
      '--cert FILE   certificate (PEM): TLS, and accounts admin and ops, first password from EVENTSTORE_ADMIN_PASSWORD',
      '--key FILE    key of the certificate (PEM)',
    ],
  ),
  command(
    'relay [--data DIR]',
    'publishes the log to Kafka, as a process of its own; takes over from any other',
    async () => (await import('./commands/relay.ts')).relay,
    [
      '--data DIR   data folder (default: WECONNECT_DATA, or .weconnect); its owner may run, without KAFKA_BROKERS',
      'KAFKA_BROKERS and SCHEMA_REGISTRY_URL say where to; KAFKA_TOPIC_PREFIX goes in front of every topic',
    ],
  ),
  command('token [--ttl SECONDS]', 'prints a token of the owner', async () => (await import('./commands/token.ts')).token, [
    '--ttl SECONDS   default: 12 hours',
    '--data DIR      data folder of the instance (default: WECONNECT_DATA, or .weconnect)',
  ]),
  command(
    'engines up | down | status [ENGINE ...]',
    'starts real servers (kafka registry redis mongo influx minio smtp), prints what to export',
    async () => (await import('@weconnect/engines/up')).runEngines,
    [
      'up [ENGINE ...]     installs them into the user’s cache, starts them on free loopback ports (default: kafka registry redis)',
      'down [ENGINE ...]   stops them and drops their data (default: all)',
      'status              what is installed, what runs, what is missing',
      '--json              status for programs',
    ],
  ),
  command('test [--long] [PATH ...]', 'runs the tests', async () => (await import('./commands/development.ts')).test),
  command('check', 'types, lint, import directions, schema compatibility', async () => (await import('./commands/development.ts')).check),
  command('generate', 'writes contracts/events from contracts/schemas', async () => (await import('./commands/development.ts')).generate),
  command(
    'conformance [GROUP | DIR] [--node TYPE] [--diff] [--json]',
    'runs recorded n8n workflows and says what agrees',
    async () => (await import('./commands/development.ts')).conformance,
  ),
  command('bench [w1 ... w9] [--quick]', 'measures', async () => (await import('./commands/development.ts')).bench),
])
