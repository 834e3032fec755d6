import { command, listing } from './listed.ts'

/** Executions, and what people say to them. */
export const executionCommands = [
  command('run NAME [--input JSON]', 'runs the draft by hand', async () => (await import('../commands/run.ts')).runWorkflow, [
    '--input JSON     an object, or a list of them: what the trigger gives',
    '--trigger NODE   where to start, when there are several triggers',
    ...listing,
  ]),
  command('retry EXECUTION', 'runs a failed one again from the step that failed', async () => (await import('../commands/fork.ts')).retry, [
    '--newest     with the newest version of the workflow',
    ...listing,
  ]),
  command(
    'fork EXECUTION [--from NODE]',
    'runs an ended one again, from its beginning or from a step',
    async () => (await import('../commands/fork.ts')).fork,
    [
      '--from NODE     node, or number of the step, that runs anew; what came before it is taken over',
      '--newest        with the newest version of the workflow',
      '--input JSON    in place of what the trigger gave; only from the beginning',
      ...listing,
    ],
  ),
  command('explain EXECUTION', 'says why it stands where it stands', async () => (await import('../commands/explain.ts')).explain, listing),
  command(
    'pause EXECUTION [--reason TEXT]',
    'begins no further step of it until it is resumed',
    async () => (await import('../commands/control.ts')).pauseExecution,
    ['--reason TEXT   kept with it', ...listing],
  ),
  command(
    'resume EXECUTION [--input JSON]',
    'goes on with a paused one, or ends its wait for a call',
    async () => (await import('../commands/run.ts')).resumeExecution,
    ['--input JSON   an object, or a list of them: in place of what the call would have brought', ...listing],
  ),
  command('cancel EXECUTION', 'stops an execution', async () => (await import('../commands/run.ts')).cancelExecution, listing),
  command(
    'signal EXECUTION NAME [--payload JSON]',
    'sends a signal, for which a step waits or will wait',
    async () => (await import('../commands/control.ts')).signalExecution,
    ['--payload JSON   what comes with it', '--id ID          makes it repeatable: the same id is taken once', ...listing],
  ),
  command(
    'approvals',
    'lists what people are asked to approve',
    async () => (await import('../commands/control.ts')).listApprovals,
    listing,
  ),
  ...(['approve', 'reject'] as const).map((name) =>
    command(
      `${name} EXECUTION [--comment TEXT]`,
      name === 'approve' ? 'approves what a step asks for' : 'rejects what a step asks for',
      async () => (await import('../commands/control.ts'))[name],
      ['--step N         which one, when several steps ask', '--comment TEXT   kept with the decision', ...listing],
    ),
  ),
  command(
    'executions [--follow]',
    'lists the executions, or streams them',
    async () => (await import('../commands/executions.ts')).executions,
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
    async () => (await import('../commands/bulk.ts')).bulk,
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
    async () => (await import('../commands/migrate.ts')).migrate,
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
    async () => (await import('../commands/incidents.ts')).listIncidents,
    listing,
  ),
  command(
    'resolve EXECUTION --retry | --skip | --fail',
    'says what becomes of an incident',
    async () => (await import('../commands/incidents.ts')).resolveIncident,
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
    async () => (await import('../commands/events.ts')).events,
    listing,
  ),
  command(
    'replay EXECUTION',
    're-runs it against its recorded effects; says equal or where not',
    async () => (await import('../commands/replay.ts')).replay,
    listing,
  ),
]
