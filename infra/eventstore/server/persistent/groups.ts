import { status } from '@grpc/grpc-js'
import { headPlace } from '../log-reading.ts'
import { Refusal } from '../refusal.ts'
import type { StreamLog } from '../stream-log.ts'
import { allStreams, type GroupDefinition, type GroupName } from './definition.ts'
import { type Group, openGroup } from './group.ts'
import { groupList } from './group-streams.ts'

const keyOf = ({ stream, group }: GroupName): string => `${stream}::${group}`

const told = (code: status, exception: string, { stream, group }: GroupName, what: string): Refusal =>
  new Refusal(code, exception, `Subscription group ${group} on stream ${stream} ${what}.`, { 'stream-name': stream, 'group-name': group })

export const noGroup = (name: GroupName): Refusal =>
  told(status.NOT_FOUND, 'persistent-subscription-does-not-exist', name, 'does not exist')
const exists = (name: GroupName): Refusal => told(status.ALREADY_EXISTS, 'persistent-subscription-exists', name, 'already exists')

/** All persistent subscriptions of a log. What they are is kept in the log, so they outlive the server. */
export const openGroups = async (log: StreamLog, now: () => number) => {
  const list = groupList<GroupDefinition>(log)
  const running = new Map<string, Group>()
  let changing: Promise<unknown> = Promise.resolve()

  /** One change at a time: each writes the whole list. */
  const change = <Result>(work: () => Promise<Result>): Promise<Result> => {
    const done = changing.then(work, work)
    changing = done.catch(() => undefined)
    return done
  }

  const start = async (definition: GroupDefinition): Promise<void> => {
    running.set(keyOf(definition), await openGroup(log, definition, now))
  }
  const startAll = async (): Promise<void> => {
    for (const definition of await list.read()) await start(definition)
  }
  const find = (name: GroupName): Group => {
    const group = running.get(keyOf(name))
    if (!group) throw noGroup(name)
    return group
  }
  const save = (without: GroupName | undefined, added: GroupDefinition | undefined, by: string): Promise<void> => {
    const others = [...running.values()].map(({ definition }) => definition).filter((one) => !without || keyOf(one) !== keyOf(without))
    return list.write(added ? [...others, added] : others, by)
  }

  /** The start of a group as the position before its first event. */
  const placed = async (wanted: Omit<GroupDefinition, 'after'>): Promise<GroupDefinition> => {
    const { start: from } = wanted.settings
    if (from === 'start') return { ...wanted, after: -1 }
    if (from !== 'end') return { ...wanted, after: from - 1 }
    const after = wanted.stream === allStreams ? await headPlace(log) : ((await log.lastOf(wanted.stream))?.revision ?? -1)
    return { ...wanted, after }
  }

  await startAll()
  return {
    find,
    all: (): readonly Group[] => [...running.values()],
    /** @throws Refusal when there is one of that name */
    create: (wanted: Omit<GroupDefinition, 'after'>, by: string): Promise<void> =>
      change(async () => {
        if (running.has(keyOf(wanted))) throw exists(wanted)
        const definition = await placed(wanted)
        await save(undefined, definition, by)
        await start(definition)
      }),
    /** Ends the connections of its consumers; it goes on where it was. @throws Refusal when there is none */
    update: (wanted: Omit<GroupDefinition, 'after'>, by: string): Promise<void> =>
      change(async () => {
        const group = find(wanted)
        const { filter } = group.definition
        const definition = await placed({ ...wanted, ...(filter && { filter }) })
        await save(wanted, definition, by)
        await group.close()
        await start(definition)
      }),
    /** @throws Refusal when there is none */
    remove: (name: GroupName, by: string): Promise<void> =>
      change(async () => {
        const group = find(name)
        await save(name, undefined, by)
        running.delete(keyOf(name))
        await group.close(true)
      }),
    restart: (): Promise<void> =>
      change(async () => {
        for (const group of running.values()) await group.close()
        running.clear()
        await startAll()
      }),
    close: async (): Promise<void> => {
      for (const group of running.values()) await group.close()
    },
  }
}
export type Groups = Awaited<ReturnType<typeof openGroups>>
