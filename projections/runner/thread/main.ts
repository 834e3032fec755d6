import { randomUUID } from 'node:crypto'
import { parentPort, workerData } from 'node:worker_threads'
import { openKept } from '@weconnect/blobs/kept'
import { isWeConnectError } from '@weconnect/contracts/errors'
import { openEmbeddedEventStore } from '@weconnect/eventstore/embedded'
import { openJournal } from '@weconnect/eventstore/open-journal'
import { openPool } from '@weconnect/postgres/pool'
import { openStores, postgresReadModels } from '../../stores.ts'
import type { Projector } from '../face.ts'
import { type StatusChange, startProjectionRunner } from '../runner.ts'
import { joinProjectors } from '../stores/joined.ts'
import type { ReadModelStore } from '../stores/store.ts'
import { storeProgress } from '../stores/store-progress.ts'
import { startStoreRunner } from '../stores/store-runner.ts'
import type { Timers } from '../timers.ts'
import type { Progress } from '../waiters.ts'
import type { FromProjector, ProjectorSettings, ToProjector } from './messages.ts'

/** The projector thread: reads the log beside the thread that writes it, and keeps the read models. client.ts starts it. */
const port = parentPort
if (port === null) throw new Error('this is the entry of a worker thread: see client.ts')
const post = (message: FromProjector): void => port.postMessage(message)

const timers: Timers = {
  now: Date.now,
  after: (ms, call) => {
    const timer = setTimeout(call, ms)
    return () => clearTimeout(timer)
  },
}

const { dataFolder, eventStoreUrl, kept, database, topics, stores: storeSettings } = workerData as ProjectorSettings
const store =
  eventStoreUrl === undefined
    ? openEmbeddedEventStore({ folder: dataFolder, readOnly: true })
    : await (await import('@weconnect/eventstore/esdb')).openEsdbEventStore({ url: eventStoreUrl })
const { keyring, blobs, close: closeKept } = await openKept(kept)
const journal = openJournal({ store, keyring, blobs, now: () => new Date().toISOString(), newId: randomUUID })
const stores = await openStores(storeSettings ?? {}, randomUUID)
const projections = postgresReadModels(stores)
const fromTopics = topics && {
  kafka: topics,
  ...(await import('../topics/topic-runners.ts')),
  ...(await import('../topics/topic-stores.ts')),
}
const pool = openPool(database, fromTopics ? fromTopics.sessionsFor(projections) + stores.length : 4)
/** Newest word of every runner. It is told as a whole, once all have said something: who waits must not be let go too early. */
const progress = new Map<string, Progress>(stores.map(({ name }) => [name, { name, condition: 'waiting' }]))
const told = {
  journal,
  timers,
  onStatus: (change: StatusChange) => post({ kind: 'changed', change }),
  onMoved: (moved: readonly Progress[]) => {
    for (const one of moved) progress.set(one.name, one)
    if (progress.size === stores.length + projections.length) post({ kind: 'moved', progress: [...progress.values()] })
  },
}
const startPostgres = (): Promise<Projector> =>
  fromTopics?.runProjectionsFromKafka({ ...told, pool, projections, kafka: fromTopics.kafka }) ??
  startProjectionRunner({ ...told, pool, projections })
const noteProgress = storeProgress(pool, (name) => stores.find((store) => store.name === name)?.version ?? 0)
const movedElsewhere = (moved: readonly Progress[]): void => {
  told.onMoved(moved)
  noteProgress(moved)
}
const startStore = (store: ReadModelStore): Projector =>
  fromTopics?.startStoreFromTopics({ ...told, pool, store, kafka: fromTopics.kafka, onMoved: movedElsewhere, onFollowed: told.onMoved }) ??
  startStoreRunner({ ...told, store, onMoved: movedElsewhere })
const runner = joinProjectors([
  ...stores.map((store) => ({ names: [store.name], projector: startStore(store) })),
  { names: projections.map(({ name }) => name), projector: await startPostgres() },
])

const close = async (): Promise<null> => {
  await runner.close()
  await pool.close()
  await closeKept()
  await store.close()
  return null
}

const answer = (id: number, work: Promise<(FromProjector & { kind: 'answer' })['value']>): Promise<void> =>
  work.then(
    (value) => post({ kind: 'answer', id, value }),
    (error: unknown) =>
      post(
        isWeConnectError(error)
          ? { kind: 'refusal', id, code: error.code, message: error.message }
          : { kind: 'refusal', id, code: 'INTERNAL', message: String(error) },
      ),
  )

port.on('message', (message: ToProjector) => {
  switch (message.kind) {
    case 'status':
      return answer(message.id, runner.status())
    case 'rebuild':
      return answer(message.id, rebuild(runner, message.id, message.name))
    case 'retry':
      return answer(
        message.id,
        runner.retry(message.name).then(() => null),
      )
    case 'wanted':
      // Who waits is on the other side; asking makes the runner look at once.
      return runner.waitFor(message.position).catch(() => {})
    case 'close':
      return answer(message.id, close()).then(() => port.close())
  }
})

const rebuild = (projector: Projector, id: number, name: string) =>
  projector.rebuild(name, (progress) => post({ kind: 'rebuilding', id, progress }))
