import { hkdfSync, randomBytes } from 'node:crypto'
import { mkdirSync, readFileSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import { WeConnectError } from '@weconnect/contracts/errors'
import { isJsonObject } from '@weconnect/contracts/json'
import { replaceDurably } from './durable-file.ts'
import type { DataKey, Keyring } from './port.ts'
import { open, seal } from './seal.ts'

interface KeyEntry {
  readonly id: string
  readonly organisationId: string
  /** Absent: the key of the whole organisation. */
  readonly subject?: string
  /** Data key sealed by the master key, base64; null once destroyed. */
  readonly wrapped: string | null
}
interface KeyFileContent {
  readonly version: 1
  /** 32 random bytes, base64. */
  readonly masterKey: string
  readonly keys: readonly KeyEntry[]
}

/** A keyring whose keys can be destroyed, which erases what they sealed. */
export interface KeyFile extends Keyring {
  /** Durable when it returns. What the key sealed reads as erased from now on; new payloads get a new key. */
  destroy(keyId: string): void
}

const refuse = (message: string, cause?: unknown): never => {
  throw new WeConnectError('CONFIG_INVALID', message, { cause })
}

const parse = (path: string, text: string): KeyFileContent => {
  let content: unknown
  try {
    content = JSON.parse(text)
  } catch (error) {
    refuse(`The key file ${path} is not JSON: restore it from a backup. Without it nothing that was sealed can be read.`, error)
  }
  if (!isJsonObject(content) || content['version'] !== 1 || typeof content['masterKey'] !== 'string' || !Array.isArray(content['keys'])) {
    return refuse(
      `The key file ${path} is not a WeConnect key file of version 1: restore it from a backup, or use the release that wrote it.`,
    )
  }
  return content as unknown as KeyFileContent
}

const checkMode = (path: string, mode: number): void => {
  if (process.platform !== 'win32' && (mode & 0o077) !== 0) {
    refuse(`The key file ${path} can be read by other users (mode ${(mode & 0o777).toString(8)}): run chmod 600 ${path}`)
  }
}

const wrapAad = (entry: { id: string; organisationId: string; subject?: string }): Buffer =>
  Buffer.from(`weconnect data key\n${entry.id}\n${entry.organisationId}\n${entry.subject ?? ''}`)

/** What the file held when it was last read, and which file that was. */
interface Loaded {
  readonly content: KeyFileContent
  readonly master: Buffer
  readonly stamp: string
}

const stampOf = (path: string): string => {
  const { ino, mtimeNs, size, mode } = statSync(path, { bigint: true })
  checkMode(path, Number(mode))
  return `${ino}-${mtimeNs}-${size}`
}

const load = (path: string): Loaded => {
  const stamp = stampOf(path)
  const content = parse(path, readFileSync(path, 'utf8'))
  return { content, master: Buffer.from(content.masterKey, 'base64'), stamp }
}

const create = (path: string): void => {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
  const content: KeyFileContent = { version: 1, masterKey: randomBytes(32).toString('base64'), keys: [] }
  replaceDurably(path, `${JSON.stringify(content, null, 2)}\n`)
}

const exists = (path: string): boolean => statSync(path, { throwIfNoEntry: false }) !== undefined

/**
 * The keyring of an installation without a vault: one JSON file of mode 600, made on first use. Lose it and every payload is lost.
 * One process writes it (the owner of the data folder); others see its new keys when they first meet them.
 * @throws WeConnectError CONFIG_INVALID when others may read the file, or it cannot be read or written
 */
export const openKeyFile = (path: string): KeyFile => {
  let loaded: Loaded
  try {
    if (!exists(path)) create(path)
    loaded = load(path)
  } catch (error) {
    if (error instanceof WeConnectError) throw error
    return refuse(`The key file ${path} cannot be opened: check that this user may read and write it and its folder.`, error)
  }
  const opened = new Map<string, Buffer>()
  const sealing = new Map<string, DataKey>()

  const reload = (): void => {
    if (stampOf(path) === loaded.stamp) return
    loaded = load(path)
    opened.clear()
    sealing.clear()
  }
  const write = (keys: readonly KeyEntry[]): void => {
    replaceDurably(path, `${JSON.stringify({ ...loaded.content, keys }, null, 2)}\n`)
    loaded = load(path)
  }
  const unwrap = (entry: KeyEntry | undefined): Buffer | undefined => {
    if (!entry || entry.wrapped === null) return undefined
    const key = open(loaded.master, Buffer.from(entry.wrapped, 'base64'), wrapAad(entry))
    opened.set(entry.id, key)
    return key
  }
  const lookUp = (keyId: string): Buffer | undefined => unwrap(loaded.content.keys.find((entry) => entry.id === keyId))

  const find = (keyId: string): Buffer | undefined => {
    const known = opened.get(keyId) ?? lookUp(keyId)
    if (known) return known
    reload()
    return lookUp(keyId)
  }

  const makeKey = (organisationId: string): DataKey => {
    const key = randomBytes(32)
    const slot = { id: randomBytes(9).toString('base64url'), organisationId }
    write([...loaded.content.keys, { ...slot, wrapped: seal(loaded.master, key, wrapAad(slot)).toString('base64') }])
    opened.set(slot.id, key)
    return { keyId: slot.id, key }
  }
  const currentKey = (organisationId: string): DataKey => {
    reload()
    const entry = loaded.content.keys.findLast(
      (one) => one.organisationId === organisationId && one.subject === undefined && one.wrapped !== null,
    )
    const key = unwrap(entry)
    return entry && key ? { keyId: entry.id, key } : makeKey(organisationId)
  }

  return {
    sealing: (organisationId) => {
      const known = sealing.get(organisationId) ?? currentKey(organisationId)
      sealing.set(organisationId, known)
      return known
    },
    find,
    derive: (purpose) => Buffer.from(hkdfSync('sha256', loaded.master, Buffer.alloc(0), `weconnect ${purpose}`, 32)),
    destroy: (keyId) => {
      reload()
      write(loaded.content.keys.map((entry) => (entry.id === keyId ? { ...entry, wrapped: null } : entry)))
      opened.clear()
      sealing.clear()
    },
  }
}
