import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { missingEngines, type OwnEngine, ownEngine } from '@weconnect/testing/engines'
import { type Instance, runCommand, startInstance } from '@weconnect/testing/instance'
import { hello } from '@weconnect/testing/promises/workflows'
import { startVaultServer, type VaultServer } from '@weconnect/testing/vault-server'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'

const limits = { timeout: 60_000, interval: 200 }
const large = 'x'.repeat(300_000)

interface Seen {
  readonly executions: {
    readonly edges: readonly { readonly node: { readonly id: string; readonly status: string; readonly inputData: unknown } }[]
  }
}

describe.skipIf(await missingEngines('minio'))('keys in Vault, payloads in S3', () => {
  let minio: OwnEngine
  let vault: VaultServer
  let instance: Instance
  beforeAll(async () => {
    minio = await ownEngine('minio')
    vault = await startVaultServer()
    const env = { ...minio.variables, VAULT_ADDR: vault.address, VAULT_TOKEN: vault.rootToken }
    instance = await startInstance({ env })
    await instance.activate(hello.file)
  }, 600_000)
  afterAll(async () => {
    await instance?.remove()
    await minio?.remove()
    await vault?.stop()
  })

  const inputs = async (): Promise<readonly string[]> => {
    const query = '{ executions(first: 50) { edges { node { id status inputData } } } }'
    const { executions } = await instance.graphql<Seen>(query)
    return executions.edges.map(({ node }) => JSON.stringify(node.inputData))
  }
  const files = (): readonly string[] =>
    existsSync(join(instance.dataFolder, 'blobs')) ? readdirSync(join(instance.dataFolder, 'blobs'), { recursive: true }).map(String) : []

  test('nothing of either is on the disk, and after a kill everything can be read', async () => {
    expect((await instance.deliver(hello.path, { n: 1, large })).status).toBe(200)
    expect((await instance.deliver(hello.path, { n: 2 })).status).toBe(200)
    expect(existsSync(join(instance.dataFolder, 'keys.json'))).toBe(false)
    expect(files()).toEqual([])
    await instance.kill9()
    await instance.restart()
    await vi.waitFor(async () => {
      const seen = await inputs()
      expect(seen).toHaveLength(2)
      expect(seen.filter((input) => input.includes(large))).toHaveLength(1)
    }, limits)
  })

  test('Vault may be away while it runs; without S3, what is small goes on and what is large is told to come again', async () => {
    vault.seal(true)
    expect((await instance.deliver(hello.path, { n: 3, large: `${large}3` })).status).toBe(200)
    vault.seal(false)
    await minio.kill9()
    expect((await instance.deliver(hello.path, { n: 4 })).status).toBe(200)
    const refused = await instance.deliver(hello.path, { n: 5, large: `${large}5` })
    expect(refused.status).toBe(503)
    expect(await refused.text()).toContain('UNAVAILABLE')
    await minio.start()
    await vi.waitFor(async () => expect((await instance.deliver(hello.path, { n: 6, large: `${large}6` })).status).toBe(200), limits)
    await vi.waitFor(async () => expect((await inputs()).filter((input) => input.includes(`${large}6`)).length).toBeGreaterThan(0), limits)
  })

  test('what is away is shown until it is back, and makes nobody unready', async () => {
    const shows = (wanted: object) =>
      vi.waitFor(async () => {
        const answer = await fetch(`${instance.url()}/ready`)
        expect(answer.status).toBe(200)
        expect(await answer.json()).toMatchObject({ ready: true, servers: wanted })
      }, limits)
    await shows({ s3: { state: 'up' }, vault: { state: 'up' } })
    vault.seal(true)
    await minio.kill9()
    await shows({
      s3: { state: 'down', problem: expect.stringContaining('BLOB_URL=') },
      vault: { state: 'down', problem: expect.stringContaining('Vault is sealed') },
    })
    const metrics = await (await fetch(`${instance.url()}/metrics`)).text()
    for (const line of ['weconnect_server_up{server="s3"} 0', 'weconnect_engine_running 0']) expect(metrics).toContain(line)
    vault.seal(false)
    await minio.start()
    await shows({ s3: { state: 'up' }, vault: { state: 'up' } })
  }, 120_000)

  test('after a rotation everything still opens', async () => {
    vault.rotate('weconnect')
    await instance.stop()
    await instance.restart()
    expect((await instance.deliver(hello.path, { n: 7 })).status).toBe(200)
    await vi.waitFor(async () => expect((await inputs()).filter((input) => input.includes(large)).length).toBeGreaterThan(2), limits)
  })

  test.each([
    ['no Vault', { VAULT_ADDR: 'http://127.0.0.1:1', VAULT_TOKEN: 'x' }, /VAULT_ADDR=http:\/\/127.0.0.1:1: no Vault answers/],
    ['no token', { VAULT_ADDR: 'http://127.0.0.1:1' }, /VAULT_ADDR is set, but VAULT_TOKEN is not/],
    [
      'no S3',
      { BLOB_URL: 's3+http://127.0.0.1:1/bucket', AWS_ACCESS_KEY_ID: 'x', AWS_SECRET_ACCESS_KEY: 'y' },
      /BLOB_URL=.*its bucket cannot be used.*unset BLOB_URL/,
    ],
  ])('the start refuses with %s', async (_, variables, said) => {
    const { code, stderr } = await runCommand(['up', '--port', '0', '--data', `${instance.dataFolder}-refused`], variables)
    expect(code).not.toBe(0)
    expect(stderr).toMatch(said)
  })
})

test('what an instance kept in its folder it still reads when keys and payloads go elsewhere', async () => {
  if (await missingEngines('minio')) return
  const minio = await ownEngine('minio')
  const vault = await startVaultServer()
  const before = await startInstance()
  try {
    await before.activate(hello.file)
    expect((await before.deliver(hello.path, { n: 1, large })).status).toBe(200)
    await before.stop()
    const env = { ...minio.variables, VAULT_ADDR: vault.address, VAULT_TOKEN: vault.rootToken }
    const after = await startInstance({ dataFolder: before.dataFolder, env })
    expect((await after.deliver(hello.path, { n: 2, large: `${large}2` })).status).toBe(200)
    await vi.waitFor(async () => {
      const { executions } = await after.graphql<Seen>('{ executions(first: 50) { edges { node { id status inputData } } } }')
      expect(executions.edges.map(({ node }) => JSON.stringify(node.inputData).includes(large))).toEqual([true, true])
    }, limits)
    await after.remove()
  } finally {
    await before.remove()
    await minio.remove()
    await vault.stop()
  }
}, 600_000)
