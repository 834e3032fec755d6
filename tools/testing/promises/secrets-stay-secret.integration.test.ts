import { randomBytes } from 'node:crypto'
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import type { JsonObject } from '@weconnect/contracts/json'
import { type Instance, startInstance } from '@weconnect/testing/instance'
import { caughtUp } from '@weconnect/testing/promises/tables'
import { failing, hello, later } from '@weconnect/testing/promises/workflows'
import { io } from 'socket.io-client'
import { afterAll, beforeAll, expect, test } from 'vitest'

const canary = (name: string): string => `canary-${name}-${randomBytes(12).toString('hex')}`

/** Of callers, of people and of the product itself: found nowhere. */
const secrets = {
  authorization: canary('authorization'),
  basic: canary('basic'),
  cookie: canary('cookie'),
  apiKey: canary('api-key'),
  proxy: canary('proxy-authorization'),
  password: canary('password'),
  wrongPassword: canary('wrong-password'),
  credential: canary('credential'),
  replacedCredential: canary('replaced-credential'),
  doorKey: canary('door-key'),
}
/** What users send: sealed in the log and in blobs, readable in the read models. */
const body = canary('body')
const largeBody = canary('large-body')

let instance: Instance
beforeAll(async () => {
  instance = await startInstance({ env: { WECONNECT_OWNER_PASSWORD: secrets.password, WECONNECT_LOG_LEVEL: 'trace' } })
})
afterAll(() => instance?.remove())

const filesUnder = (folder: string): readonly string[] =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((name) => join(folder, name))
    .filter((path) => statSync(path, { throwIfNoEntry: false })?.isFile())

/** As it is, and as base64 at each of the three places where it may begin. */
const formsOf = (secret: string): readonly Buffer[] => [
  Buffer.from(secret),
  ...[0, 1, 2].map((offset) =>
    Buffer.from(
      Buffer.from(`${'-'.repeat(offset)}${secret}`)
        .toString('base64')
        .slice(4, -4),
    ),
  ),
]

const whereFound = (secret: string, files: readonly string[]): readonly string[] => {
  const forms = formsOf(secret)
  return files.filter((file) => {
    const bytes = readFileSync(file)
    return forms.some((form) => bytes.includes(form))
  })
}

const callWithSecrets = async (path: string, payload: object): Promise<void> => {
  const headers = {
    authorization: `Bearer ${secrets.authorization}`,
    cookie: `session=${secrets.cookie}`,
    'x-api-key': secrets.apiKey,
    'proxy-authorization': `Basic ${secrets.proxy}`,
  }
  await instance.deliver(path, { n: 1, ...payload }, headers)
  const basic = Buffer.from(`ada:${secrets.basic}`).toString('base64')
  await instance.deliver(path, { n: 1, ...payload }, { authorization: `Basic ${basic}` })
}

const signIn = (password: string): Promise<unknown> =>
  instance
    .graphql('mutation ($email: String!, $password: String!) { signIn(email: $email, password: $password) { token } }', {
      email: 'owner@weconnect.local',
      password,
    })
    .catch(() => undefined)

/** Credentials that are made, changed, tried in vain, asked for by a webhook, and used by a node that signs with one. */
const useCredentials = async (): Promise<void> => {
  const create = async (name: string, type: string, data: JsonObject): Promise<string> => {
    const mutation = 'mutation ($input: CreateCredentialInput!) { createCredential(input: $input) { credential { id } } }'
    const made = (await instance.graphql(mutation, { input: { name, type, data } })) as { createCredential: { credential: { id: string } } }
    return made.createCredential.credential.id
  }
  const id = await create('Server', 'httpBasicAuth', { user: 'ada', password: secrets.replacedCredential })
  const update = 'mutation ($id: ID!, $data: JSON) { updateCredential(id: $id, input: {data: $data}) { position } }'
  await instance.graphql(update, { id, data: { user: 'ada', password: secrets.credential } })
  await instance.graphql('mutation ($id: ID!) { testCredential(id: $id, url: "http://127.0.0.1:1/") { ok message } }', { id })
  await create('Signer', 'jwtAuth', { keyType: 'passphrase', secret: secrets.credential, algorithm: 'HS256' })
  await create('Door', 'httpHeaderAuth', { name: 'X-Door', value: secrets.doorKey })
  const node = (name: string, type: string, typeVersion: number, parameters: JsonObject, credentials: JsonObject) => ({
    ...{ id: name, name, type: `n8n-nodes-base.${type}`, typeVersion, position: [0, 0], parameters, credentials },
  })
  const wire = (target: string) => ({ main: [[{ node: target, type: 'main', index: 0 }]] })
  const door = { path: 'door', httpMethod: 'POST', responseMode: 'lastNode', authentication: 'headerAuth' }
  const json = {
    name: 'Door',
    nodes: [
      node('Webhook', 'webhook', 2, door, { httpHeaderAuth: { name: 'Door' } }),
      node('Sign', 'jwt', 1, { useJson: true, claimsJson: '{"a":1}', options: {} }, { jwtAuth: { name: 'Signer' } }),
    ],
    connections: { Webhook: wire('Sign') },
  }
  const mutation = 'mutation ($json: JSON!) { importWorkflow(json: $json) { workflows { workflow { id } } } }'
  const imported = (await instance.graphql(mutation, { json })) as { importWorkflow: { workflows: { workflow: { id: string } }[] } }
  const [first] = imported.importWorkflow.workflows
  await instance.graphql('mutation ($id: ID!) { activateWorkflow(workflowId: $id) { version } }', { id: first?.workflow.id })
  const call = (headers: Record<string, string>) => fetch(`${instance.url()}/webhook/door`, { method: 'POST', headers })
  expect((await call({})).status).toBe(403)
  const answer = await call({ 'x-door': secrets.doorKey })
  expect([answer.status, await answer.json()]).toEqual([200, { token: expect.any(String) }])
}

const connectWith = (token: string): Promise<void> =>
  new Promise((resolve) => {
    const socket = io(instance.url(), { auth: { token }, transports: ['websocket'], reconnection: false })
    const done = (): void => {
      socket.disconnect()
      resolve()
    }
    socket.once('connected', done)
    socket.once('connect_error', done)
  })

test('what proves who someone is is found in no file and no output, and what users send is sealed in the log', async () => {
  for (const { file } of [hello, later, failing]) await instance.activate(file)
  for (const path of [hello.path, later.path, failing.path, 'nobody-listens-here']) await callWithSecrets(path, { n: body, text: body })
  await callWithSecrets(later.path, { text: `${largeBody} ${'x'.repeat(200_000)}` })
  await signIn(secrets.wrongPassword)
  const session = (await signIn(secrets.password)) as { signIn: { token: string } }
  const token = await instance.token()
  for (const each of [token, session.signIn.token, `${token}forged`]) await connectWith(each)
  await instance.graphql('{ me { email } }')
  await useCredentials()
  await instance.graphql('{ nothing }').catch(() => undefined)
  await caughtUp(instance)
  const { folder: postgres } = await instance.database()
  const whileRunning = filesUnder(instance.dataFolder)
  expect(whileRunning.some((file) => file.endsWith('log.db-wal'))).toBe(true)
  const signatures = [token, session.signIn.token].map((jwt) => jwt.split('.')[2] ?? '')

  const search = (files: readonly string[]) => {
    for (const [name, secret] of Object.entries(secrets)) expect({ name, found: whereFound(secret, files) }).toEqual({ name, found: [] })
    for (const secret of signatures) expect(whereFound(secret, files)).toEqual([])
  }
  search(whileRunning)
  expect(await instance.stop()).toBe(0)
  const all = [...filesUnder(instance.dataFolder), ...filesUnder(postgres)]
  search(all)
  for (const secret of [...Object.values(secrets), ...signatures, body, largeBody]) expect(instance.output()).not.toContain(secret)

  const log = all.filter((file) => /\/(log\.db[^/]*|blobs\/.*)$/.test(file))
  expect(log.some((file) => file.includes('/blobs/'))).toBe(true)
  expect(whereFound(body, log)).toEqual([])
  expect(whereFound(largeBody, log)).toEqual([])
  // The search can find something: the read models hold what users sent.
  expect(whereFound(body, all).length).toBeGreaterThan(0)
})
