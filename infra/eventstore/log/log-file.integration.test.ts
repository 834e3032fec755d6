import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, closeSync, mkdirSync, mkdtempSync, openSync, rmSync, truncateSync, writeFileSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { isWeConnectError } from '@weconnect/contracts/errors'
import { someEvents, someStream } from '@weconnect/testing/contracts/event-store/samples'
import Database from 'better-sqlite3'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { lockDataFolder } from '../data-folder.ts'
import { openEmbeddedEventStore } from '../embedded.ts'
import type { EventStore, StoredEvent } from '../port.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'weconnect-file-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const failing = (code: string, pattern = /./) => expect.objectContaining({ code, message: expect.stringMatching(pattern) })
const codeOf = (act: () => unknown): string | undefined => {
  try {
    act()
    return undefined
  } catch (error) {
    return isWeConnectError(error) ? error.code : String(error)
  }
}

const readAll = async (store: EventStore): Promise<StoredEvent[]> => {
  const all: StoredEvent[] = []
  for (;;) {
    const page = await store.readAll({ after: all.at(-1)?.position, limit: 500 })
    if (page.length === 0) return all
    all.push(...page)
  }
}

/** Runs a script in a process of its own; resolves with its first line. */
const startProcess = async (script: string) => {
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
    cwd: import.meta.dirname,
  })
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  const first = String((await lines.next()).value)
  const kill = async (): Promise<void> => {
    const gone = once(child, 'exit')
    child.kill('SIGKILL')
    await gone
  }
  return { first, lines, kill }
}

describe('one owner of a data folder', () => {
  test('a second owner is refused until the first lets go', () => {
    const lock = lockDataFolder(folder)
    expect(() => lockDataFolder(folder)).toThrow(failing('DATA_FOLDER_IN_USE', /--data/))
    lock.release()
    lockDataFolder(folder).release()
  })

  test('the lock of a process that is killed is free at once', async () => {
    const script = `import { lockDataFolder } from '../data-folder.ts'
      lockDataFolder(${JSON.stringify(folder)}); console.log('locked'); setInterval(() => {}, 1000)`
    const other = await startProcess(script)
    expect(other.first).toBe('locked')
    expect(codeOf(() => lockDataFolder(folder))).toBe('DATA_FOLDER_IN_USE')
    await other.kill()
    lockDataFolder(folder).release()
  })

  test('two writers that ignore the lock still make one log in order', async () => {
    const [one, two] = [openEmbeddedEventStore({ folder }), openEmbeddedEventStore({ folder })]
    const shared = someStream()
    for (let index = 0; index < 20; index += 1) {
      await (index % 2 === 0 ? one : two).append(shared, index === 0 ? 'none' : 2 * index - 1, someEvents(2))
      await Promise.all([one, two].map((store) => store.append(someStream(), 'none', someEvents(3))))
    }
    const all = await readAll(one)
    expect(all).toHaveLength(160)
    expect(all.filter(({ stream }) => stream === shared).map(({ revision }) => revision)).toEqual(
      Array.from({ length: 40 }, (_, revision) => revision),
    )
    expect(await two.integrity?.()).toEqual([])
    await one.close()
    await two.close()
  })
})

test('another process that only reads gets everything, past and live, in order', async () => {
  const store = openEmbeddedEventStore({ folder })
  await store.append(someStream(), 'none', someEvents(4))
  const script = `import { openEmbeddedEventStore } from '../embedded.ts'
    const store = openEmbeddedEventStore({ folder: ${JSON.stringify(folder)}, readOnly: true })
    let count = 0
    for await (const batch of store.subscribe({ after: 'start' })) for (const { id } of batch) console.log(id)`
  const reader = await startProcess(script)
  const seen = [reader.first]
  for (let index = 0; index < 50; index += 1) await store.append(someStream(), 'none', someEvents(1 + (index % 3)))
  const all = await readAll(store)
  while (seen.length < all.length) seen.push(String((await reader.lines.next()).value))
  expect(seen).toEqual(all.map(({ id }) => id))
  await reader.kill()
  await store.close()
})

test('a reader may not append, and says so when there is no log yet', async () => {
  expect(codeOf(() => openEmbeddedEventStore({ folder, readOnly: true }))).toBe('CONFIG_INVALID')
  const store = openEmbeddedEventStore({ folder })
  const reader = openEmbeddedEventStore({ folder, readOnly: true })
  await expect(reader.append(someStream(), 'none', someEvents(1))).rejects.toEqual(failing('UNAVAILABLE'))
  await reader.close()
  await store.close()
})

test('a process that is killed while it appends loses nothing that was acknowledged', async () => {
  const script = `import { randomUUID } from 'node:crypto'
    import { openEmbeddedEventStore } from '../embedded.ts'
    const store = openEmbeddedEventStore({ folder: ${JSON.stringify(folder)} })
    const event = () => ({ id: randomUUID(), type: 'StepStarted', data: Buffer.alloc(300), metadata: Buffer.alloc(50) })
    const write = async () => { for (;;) { const events = [event(), event()]; await store.append('execution-' + randomUUID(), 'none', events); console.log(events[1].id) } }
    for (let writer = 0; writer < 8; writer += 1) void write()`
  const acknowledged: string[] = []
  for (let round = 0; round < 3; round += 1) {
    const writer = await startProcess(script)
    acknowledged.push(writer.first)
    for (let line = 0; line < 200; line += 1) acknowledged.push(String((await writer.lines.next()).value))
    await writer.kill()
  }
  const store = openEmbeddedEventStore({ folder })
  const stored = new Set((await readAll(store)).map(({ id }) => id))
  expect(acknowledged.filter((id) => !stored.has(id))).toEqual([])
  expect(await store.integrity?.()).toEqual([])
  await store.close()
})

describe('folders and files that cannot be used', () => {
  test('a file in the place of the folder', () => {
    const path = join(folder, 'file')
    writeFileSync(path, '')
    expect(() => openEmbeddedEventStore({ folder: path })).toThrow(failing('CONFIG_INVALID', /--data/))
    expect(() => lockDataFolder(path)).toThrow(failing('CONFIG_INVALID', /--data/))
  })

  test.skipIf(process.getuid?.() === 0)('a folder that may not be written', () => {
    chmodSync(folder, 0o500)
    expect(() => openEmbeddedEventStore({ folder })).toThrow(failing('CONFIG_INVALID', /--data/))
    chmodSync(folder, 0o700)
  })

  test('a file that is no log', () => {
    writeFileSync(join(folder, 'log.db'), 'this is not a database, but it is long enough to be looked at as if it were one'.repeat(20))
    expect(codeOf(() => openEmbeddedEventStore({ folder }))).toBe('LOG_CORRUPT')
  })

  test('a log of a later layout', async () => {
    await openEmbeddedEventStore({ folder }).close()
    const file = new Database(join(folder, 'log.db'))
    file.pragma('user_version = 99')
    file.close()
    expect(() => openEmbeddedEventStore({ folder })).toThrow(failing('CONFIG_INVALID', /newer release/))
  })

  test.each<[string, (path: string) => void]>([
    ['cut off', (path) => truncateSync(path, 40_000)],
    [
      'overwritten in the middle',
      (path) => {
        const descriptor = openSync(path, 'r+')
        writeSync(descriptor, Buffer.alloc(200_000, 0xff), 0, 200_000, 30_000)
        closeSync(descriptor)
      },
    ],
  ])('a log that was %s is a coded error, not a crash and not a shorter log', async (_, damage) => {
    const written = openEmbeddedEventStore({ folder })
    for (let index = 0; index < 100; index += 1) await written.append(someStream(), 'none', someEvents(3, 1000))
    await written.close()
    damage(join(folder, 'log.db'))
    const use = async (): Promise<void> => {
      const store = openEmbeddedEventStore({ folder })
      try {
        await readAll(store)
      } finally {
        await store.close()
      }
    }
    await expect(use()).rejects.toEqual(failing('LOG_CORRUPT'))
  })
})

describe('a full disk', () => {
  const mount = (path: string): boolean => {
    try {
      mkdirSync(path)
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=3m', 'weconnect-test', path], { stdio: 'pipe' })
      return true
    } catch {
      return false
    }
  }
  let disk: string
  let mounted: boolean
  beforeEach(() => {
    disk = join(folder, 'disk')
    mounted = mount(disk)
  })
  afterEach(() => {
    if (mounted) execFileSync('umount', [disk])
  })

  test('fails appends with DISK_FULL, keeps what was acknowledged, and goes on when there is space', async ({ skip }) => {
    if (!mounted) {
      console.warn('SKIPPED: a full disk cannot be simulated here (mounting a tmpfs needs root)')
      skip()
    }
    const ballast = join(disk, 'ballast')
    writeFileSync(ballast, Buffer.alloc(1024 * 1024))
    const store = openEmbeddedEventStore({ folder: disk })
    const acknowledged: string[] = []
    const append = async (): Promise<void> => {
      const events = someEvents(3, 5000)
      await store.append(someStream(), 'none', events)
      acknowledged.push(...events.map(({ id }) => id))
    }
    const fillUp = async (): Promise<unknown> => {
      for (let tries = 0; tries < 1000; tries += 1) {
        const failed = await Promise.allSettled([append(), append(), append()])
        const rejected = failed.find(({ status }) => status === 'rejected')
        if (rejected) return (rejected as PromiseRejectedResult).reason
      }
      return undefined
    }
    expect(await fillUp()).toEqual(failing('DISK_FULL', /full/))
    await expect(append()).rejects.toEqual(failing('DISK_FULL'))
    expect((await readAll(store)).map(({ id }) => id)).toEqual(acknowledged)
    rmSync(ballast)
    for (let index = 0; index < 5; index += 1) await append()
    expect((await readAll(store)).map(({ id }) => id)).toEqual(acknowledged)
    expect(await store.integrity?.()).toEqual([])
    await store.close()
    const again = openEmbeddedEventStore({ folder: disk })
    expect((await readAll(again)).map(({ id }) => id)).toEqual(acknowledged)
    await again.close()
  })
})
