import { createHash, hkdfSync } from 'node:crypto'
import { WeConnectError } from '@weconnect/contracts/errors'
import type { DataKey, Keyring } from './port.ts'

/** `{first digits of the hash of its master key}.{organisation}` */
const idShape = /^([0-9a-f]{8})\.([0-9A-Za-z_-]{1,64})$/

const parse = (text: string, variable: string): Buffer => {
  const key = Buffer.from(text.trim(), 'base64')
  if (key.length === 32) return key
  throw new WeConnectError(
    'CONFIG_INVALID',
    `${variable} must be 32 bytes in base64: make it with \`openssl rand -base64 32\`, and keep it`,
  )
}

/**
 * The keyring of processes that share no disk: every key follows from one master key, so that all of them have the same keys and nothing is stored. No key
 * can be destroyed by itself. With several master keys, between commas, the first seals and all open: so a new one is brought in.
 * @throws WeConnectError CONFIG_INVALID
 */
export const openMasterKey = (text: string, variable = 'WECONNECT_MASTER_KEY'): Keyring => {
  const masters = text.split(',').map((one) => parse(one, variable))
  const byName = new Map(masters.map((master) => [createHash('sha256').update(master).digest('hex').slice(0, 8), master]))
  const [[newest, master]] = [...byName] as [[string, Buffer]]
  const keys = new Map<string, Buffer>()
  const sealing = new Map<string, DataKey>()

  const find = (keyId: string): Buffer | undefined => {
    const known = keys.get(keyId)
    if (known) return known
    const [, name = '', organisationId = ''] = idShape.exec(keyId) ?? []
    const from = byName.get(name)
    if (!from) return undefined
    const key = Buffer.from(hkdfSync('sha256', from, Buffer.alloc(0), `weconnect data key\n${organisationId}`, 32))
    keys.set(keyId, key)
    return key
  }

  return {
    sealing: (organisationId) => {
      const known = sealing.get(organisationId)
      if (known) return known
      const keyId = `${newest}.${organisationId}`
      const key = find(keyId)
      if (!key) throw new WeConnectError('INVALID_INPUT', `"${organisationId.slice(0, 80)}" is not the id of an organisation`)
      const made = { keyId, key }
      sealing.set(organisationId, made)
      return made
    },
    find,
    derive: (purpose) => Buffer.from(hkdfSync('sha256', master, Buffer.alloc(0), `weconnect ${purpose}`, 32)),
  }
}
