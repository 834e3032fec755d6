import { command, listing } from './listed.ts'

/** The log, what is read from it, and the servers beside it. */
export const operationCommands = [
  command(
    'projections [parked | retry PROJECTION [STREAM] | pause PROJECTION | resume PROJECTION]',
    'lists the read models and how far behind they are, or what they have put aside',
    async () => (await import('../commands/projections.ts')).projections,
    listing,
  ),
  command(
    'rebuild PROJECTION',
    'drops a read model and builds it from the log',
    async () => (await import('../commands/projections.ts')).rebuild,
    listing,
  ),
  command(
    'queues [QUEUE] [--state STATE]',
    'shows how full the work queues are, or the jobs of one',
    async () => (await import('../commands/queues.ts')).queues,
    ['--state STATE   waiting (default), active, delayed, completed, failed: which jobs of the queue', ...listing],
  ),
  command(
    'verify',
    'reads the whole log: revisions, order, hash chains, schemas',
    async () => (await import('../commands/verify.ts')).verify,
    ['--data DIR   data folder (default: WECONNECT_DATA, or .weconnect); no instance has to run', '--json       for programs'],
  ),
  command(
    'eventstore serve [--port N] [--data DIR] [--insecure | --cert FILE --key FILE]',
    'serves an event log by the EventStoreDB protocol',
    async () => (await import('../commands/eventstore.ts')).eventstore,
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
    async () => (await import('../commands/relay.ts')).relay,
    [
      '--data DIR   data folder (default: WECONNECT_DATA, or .weconnect); its owner may run, without KAFKA_BROKERS',
      'KAFKA_BROKERS and SCHEMA_REGISTRY_URL say where to; KAFKA_TOPIC_PREFIX goes in front of every topic',
    ],
  ),
  command('token [--ttl SECONDS]', 'prints a token of the owner', async () => (await import('../commands/token.ts')).token, [
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
]
