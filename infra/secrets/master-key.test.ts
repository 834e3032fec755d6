import { randomBytes } from 'node:crypto'
import { expect, test } from 'vitest'
import { openMasterKey } from './master-key.ts'
import type { DataKey } from './port.ts'

const organisation = '5c0b2f5e-0000-4000-8000-000000000001'
const someMaster = (): string => randomBytes(32).toString('base64')

test('two processes with the same master key have the same keys, and find each other’s', async () => {
  const master = someMaster()
  const [one, two] = [openMasterKey(master), openMasterKey(master)]
  const sealed = (await one.sealing(organisation)) as DataKey
  expect(two.find(sealed.keyId)).toEqual(sealed.key)
  expect(two.derive('jwt')).toEqual(one.derive('jwt'))
  expect(one.derive('jwt')).not.toEqual(one.derive('resume'))
})

test('organisations have keys of their own, and another master key has others', async () => {
  const keyring = openMasterKey(someMaster())
  const [first, second] = [await keyring.sealing('one'), await keyring.sealing('two')]
  expect(first.key).not.toEqual(second.key)
  expect(openMasterKey(someMaster()).find(first.keyId)).toBeUndefined()
  expect(keyring.find('nothing of ours')).toBeUndefined()
})

test('a new master key in front seals, and what the old one sealed is still opened', async () => {
  const [old, fresh] = [someMaster(), someMaster()]
  const before = await openMasterKey(old).sealing(organisation)
  const both = openMasterKey(`${fresh},${old}`)
  expect(both.find(before.keyId)).toEqual(before.key)
  expect((await both.sealing(organisation)).keyId).toBe((await openMasterKey(fresh).sealing(organisation)).keyId)
})

test.each(['', 'short', randomBytes(31).toString('base64')])('%j is refused, and not shown', (text) => {
  expect(() => openMasterKey(text)).toThrow(expect.objectContaining({ code: 'CONFIG_INVALID' }))
  if (text !== '') expect(() => openMasterKey(text)).not.toThrow(text)
})
