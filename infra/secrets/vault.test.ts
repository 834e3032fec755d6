import { startVaultServer, type VaultServer } from '@weconnect/testing/vault-server'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openMasterKey } from './master-key.ts'
import type { DataKey } from './port.ts'
import { masterKeysFromVault, type VaultSettings } from './vault.ts'

let server: VaultServer
beforeAll(async () => {
  server = await startVaultServer()
})
afterAll(() => server.stop())

const settings = (more: Partial<VaultSettings> = {}): VaultSettings => ({
  ...{ address: server.address, token: server.rootToken, namespace: undefined, mount: 'transit', keyName: 'weconnect' },
  ...more,
})
const open = async (more: Partial<VaultSettings> = {}) => openMasterKey(await masterKeysFromVault(settings(more)))

test('the key is made at first; every process has the same keys, and a lesser token is enough from then on', async () => {
  const [one, two] = [await open(), await open({ token: server.token })]
  const { keyId, key } = one.sealing('org') as DataKey
  expect(key).toHaveLength(32)
  expect(two.sealing('org')).toEqual({ keyId, key })
  expect(two.find(keyId)).toEqual(key)
  expect((two.sealing('other') as DataKey).key.equals(key)).toBe(false)
  expect(two.derive('jwt')).toEqual(one.derive('jwt'))
  expect((await open({ keyName: 'another' })).find(keyId)).toBeUndefined()
})

test('after a rotation new payloads get a new key, and the old ones still open', async () => {
  const before = await open()
  const old = before.sealing('org') as DataKey
  server.rotate('weconnect')
  const after = await open({ token: server.token })
  const next = after.sealing('org') as DataKey
  expect(next.keyId).not.toBe(old.keyId)
  expect(after.find(old.keyId)).toEqual(old.key)
  expect(before.find(next.keyId)).toBeUndefined()
})

test.each([
  ['nobody there', { address: 'http://127.0.0.1:1' }, /VAULT_ADDR=http:\/\/127.0.0.1:1: no Vault answers/],
  [
    'a wrong token',
    { token: 'wrong' },
    /VAULT_TOKEN may not use the key weconnect .*needs read of transit\/keys\/weconnect and update of transit\/hmac\/weconnect/s,
  ],
  ['a token that may not make the key', { token: 'hvs.limited', keyName: 'missing' }, /VAULT_TOKEN may not use the key missing/],
  ['no transit engine', { mount: 'elsewhere' }, /VAULT_ADDR=.*no handler for route/],
])('it says which variable is wrong and what to do: %s', async (_, more, message) => {
  await expect(masterKeysFromVault(settings(more))).rejects.toMatchObject({ code: 'UNAVAILABLE', message: expect.stringMatching(message) })
})

test('a sealed Vault is said to be one', async () => {
  server.seal(true)
  await expect(masterKeysFromVault(settings())).rejects.toMatchObject({ message: expect.stringMatching(/sealed.*unseal it/) })
  server.seal(false)
})

test('what speaks HTTP but is no Vault is told apart', async () => {
  await expect(masterKeysFromVault(settings({ address: `${server.address}/v1/transit` }))).rejects.toMatchObject({ code: 'UNAVAILABLE' })
})
