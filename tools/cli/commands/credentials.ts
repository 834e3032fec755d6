import { readFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { isJsonObject, type JsonObject } from '@weconnect/contracts/json'
import { placeOfJsonError } from '@weconnect/contracts/json-place'
import { UsageError } from '../arguments.ts'
import { graphql } from '../graphql.ts'
import { type Connection, connect, instanceOptions } from '../instance.ts'
import { table } from '../table.ts'

const options = {
  ...instanceOptions,
  name: { type: 'string' },
  type: { type: 'string' },
  from: { type: 'string' },
  'test-url': { type: 'string' },
} as const

interface Listed {
  readonly id: string
  readonly name: string
  readonly type: string
  readonly allowedDomains: readonly string[] | null
}
interface Given {
  readonly id: string
  readonly name?: string | undefined
  readonly type?: string | undefined
  readonly from?: string | undefined
  readonly testUrl?: string | undefined
}

const fields = 'id name type allowedDomains'

/** Secrets come from a file or from standard input: what stands in a command is seen by every user of the machine. */
const readData = (from: string): JsonObject => {
  const text = readFileSync(from === '-' ? 0 : from, 'utf8')
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    throw new UsageError(`--from ${from} is not JSON at ${placeOfJsonError(text)}`)
  }
  if (!isJsonObject(value)) throw new UsageError(`--from ${from} must be an object with the fields of the type`)
  return value
}

const needed = <Value>(value: Value | undefined, option: string): Value => {
  if (value === undefined || value === '') throw new UsageError(`Name ${option}`)
  return value
}

const list = async (connection: Connection): Promise<readonly Listed[]> => {
  const query = `{ credentials(first: 200) { edges { node { ${fields} } } } }`
  const answer = await graphql<{ credentials: { edges: readonly { node: Listed }[] } }>(connection, query)
  return answer.credentials.edges.map(({ node }) => node)
}

const create = async (connection: Connection, { name, type, from }: Given): Promise<Listed> => {
  const mutation = `mutation ($input: CreateCredentialInput!) { createCredential(input: $input) { credential { ${fields} } } }`
  const input = {
    name: needed(name, '--name'),
    type: needed(type, '--type'),
    data: readData(needed(from, '--from FILE, or - for standard input')),
  }
  return (await graphql<{ createCredential: { credential: Listed } }>(connection, mutation, { input })).createCredential.credential
}

const update = async (connection: Connection, { id, name, from }: Given): Promise<Listed> => {
  const mutation = `mutation ($id: ID!, $input: UpdateCredentialInput!) { updateCredential(id: $id, input: $input) { credential { ${fields} } } }`
  const input = { name, data: from === undefined ? undefined : readData(from) }
  return (await graphql<{ updateCredential: { credential: Listed } }>(connection, mutation, { id, input })).updateCredential.credential
}

const remove = async (connection: Connection, { id }: Given): Promise<Listed> => {
  const mutation = `mutation ($id: ID!) { deleteCredential(id: $id) { credential { ${fields} } } }`
  return (await graphql<{ deleteCredential: { credential: Listed } }>(connection, mutation, { id })).deleteCredential.credential
}

const tryOut = async (connection: Connection, { id, testUrl }: Given) => {
  const mutation = 'mutation ($id: ID!, $url: String) { testCredential(id: $id, url: $url) { ok message } }'
  const answer = await graphql<{ testCredential: { ok: boolean; message: string } }>(connection, mutation, { id, url: testUrl })
  return answer.testCredential
}

const begin = async (connection: Connection, { id }: Given) => {
  const mutation = 'mutation ($id: ID!) { connectCredential(id: $id) { authorizationUrl redirectUri expiresAt } }'
  interface Begun {
    readonly authorizationUrl: string
    readonly redirectUri: string
    readonly expiresAt: string
  }
  return (await graphql<{ connectCredential: Begun }>(connection, mutation, { id })).connectCredential
}

const types = async (connection: Connection) => {
  const query = '{ credentialTypes { name displayName properties } }'
  interface Type {
    readonly name: string
    readonly displayName: string
    readonly properties: readonly { readonly name: string }[]
  }
  return (await graphql<{ credentialTypes: readonly Type[] }>(connection, query)).credentialTypes
}

const shown = ({ id, name, type, allowedDomains }: Listed): string[] => [id, type, allowedDomains?.join(', ') ?? '', name]
const head = ['ID', 'TYPE', 'HOSTS', 'NAME']

/** `credentials`, or create, update, delete, test, connect, types. Nothing of what was stored is ever printed. */
export const credentials = async (args: readonly string[]): Promise<number> => {
  const { values, positionals } = parseArgs({ args: [...args], options, allowPositionals: true })
  const [action = 'list', id = '', ...more] = positionals
  if (more.length > 0) throw new UsageError(`"${more.join('", "')}" is too much`)
  const given: Given = { id, name: values.name, type: values.type, from: values.from, testUrl: values['test-url'] }
  const ofOne = { update, delete: remove }
  const say = (value: unknown, text: string): number => {
    console.log(values.json ? JSON.stringify(value) : text)
    return 0
  }
  if (action === 'list') {
    const found = await list(await connect(values))
    return say(found, found.length === 0 ? 'No credentials yet: ./weconnect credentials create' : table(head, found.map(shown)))
  }
  if (action === 'types') {
    const found = await types(await connect(values))
    const rows = found.map((type) => [type.name, type.properties.map(({ name }) => name).join(', ')])
    return say(found, table(['TYPE', 'FIELDS'], rows))
  }
  if (action === 'create') {
    const made = await create(await connect(values), given)
    return say(made, table(head, [shown(made)]))
  }
  needed(id === '' ? undefined : id, `the credential by its id, after "${action}"`)
  if (action === 'test') {
    const { ok, message } = await tryOut(await connect(values), given)
    say({ id, ok, message }, message)
    return ok ? 0 : 1
  }
  if (action === 'connect') {
    const { authorizationUrl, redirectUri, expiresAt } = await begin(await connect(values), given)
    const told = `Open this address in a browser and agree, before ${expiresAt}:\n${authorizationUrl}\nThe service must know this address to send you back to:\n${redirectUri}`
    return say({ id, authorizationUrl, redirectUri, expiresAt }, told)
  }
  if (action !== 'update' && action !== 'delete')
    throw new UsageError(`"${action}" is none of create, update, delete, test, connect, types`)
  const changed = await ofOne[action](await connect(values), given)
  return say(changed, action === 'delete' ? `deleted ${id}` : table(head, [shown(changed)]))
}
