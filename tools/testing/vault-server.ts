import { createHmac, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface VaultServer {
  readonly address: string
  /** A token with the policy that docs/stores.md asks for. */
  readonly token: string
  /** May also make keys. */
  readonly rootToken: string
  readonly requests: readonly string[]
  rotate(name: string): void
  seal(sealed: boolean): void
  stop(): Promise<void>
}

interface TransitKey {
  /** By version, the first at 0. */
  readonly versions: Buffer[]
}

class VaultError extends Error {
  readonly status: number
  constructor(status: number, ...errors: string[]) {
    super(errors.join('\n'))
    this.status = status
  }
}

const mount = 'transit'

/**
 * A stand-in for the transit engine of Vault, which cannot be had where this was written: it checks requests against the published API (paths, methods,
 * tokens, policies, parameters) and answers as published. What it computes is its own.
 */
export const startVaultServer = async ({ mounted = true } = {}): Promise<VaultServer> => {
  const [token, rootToken] = ['hvs.limited', 'hvs.root']
  const keys = new Map<string, TransitKey>()
  const requests: string[] = []
  let sealed = false

  const answer = (method: string, path: string, given: string | undefined, body: Readonly<Record<string, unknown>>): object | undefined => {
    if (sealed) throw new VaultError(503, 'Vault is sealed')
    if (given === undefined) throw new VaultError(400, 'missing client token')
    if (given !== token && given !== rootToken)
      throw new VaultError(403, '2 errors occurred:\n\t* permission denied\n\t* invalid token\n\n')
    const [, first, kind, name = '', algorithm] = path.split('/').slice(1)
    if (!mounted || first !== mount) throw new VaultError(404, `no handler for route "${path.slice(4)}". route entry not found.`)
    const route = `${method} ${kind}`
    const allowed = given === rootToken || route === 'GET keys' || route === 'POST hmac'
    if (!allowed) throw new VaultError(403, '1 error occurred:\n\t* permission denied\n\n')
    if (route === 'GET keys') return described(keys.get(name))
    if (route === 'POST keys') {
      if (body['type'] !== undefined && body['type'] !== 'aes256-gcm96')
        throw new VaultError(400, `unknown key type ${String(body['type'])}`)
      keys.set(name, keys.get(name) ?? { versions: [randomBytes(32)] })
      return undefined
    }
    if (route === 'POST hmac') return hmac(keys.get(name), algorithm ?? 'sha2-256', body)
    throw new VaultError(405, 'unsupported operation')
  }

  const server: Server = createServer((request, response) => {
    requests.push(`${request.method} ${request.url}`)
    const send = (status: number, body?: object): void => {
      response.writeHead(status, { 'content-type': 'application/json' }).end(body === undefined ? undefined : JSON.stringify(body))
    }
    bodyOf(request)
      .then((body) => answer(request.method ?? '', request.url ?? '', request.headers['x-vault-token'] as string | undefined, body))
      .then(
        (data) =>
          data === undefined
            ? send(204)
            : send(200, {
                request_id: 'x',
                lease_id: '',
                renewable: false,
                lease_duration: 0,
                data,
                wrap_info: null,
                warnings: null,
                auth: null,
              }),
        (error: unknown) =>
          error instanceof VaultError
            ? send(error.status, { errors: error.message === '' ? [] : [error.message] })
            : send(500, { errors: [String(error)] }),
      )
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    address: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    ...{ token, rootToken, requests },
    rotate: (name) => void keys.get(name)?.versions.push(randomBytes(32)),
    seal: (now) => {
      sealed = now
    },
    stop: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

const described = (key: TransitKey | undefined): object => {
  if (key === undefined) throw new VaultError(404)
  const { length } = key.versions
  return {
    type: 'aes256-gcm96',
    keys: Object.fromEntries(key.versions.map((_, index) => [String(index + 1), 1_700_000_000 + index])),
    ...{ latest_version: length, min_available_version: 0, min_decryption_version: 1, min_encryption_version: 0 },
    ...{ deletion_allowed: false, derived: false, exportable: false, supports_encryption: true, supports_decryption: true },
  }
}

const hmac = (key: TransitKey | undefined, algorithm: string, body: Readonly<Record<string, unknown>>): object => {
  if (key === undefined) throw new VaultError(400, 'encryption key not found')
  if (algorithm !== 'sha2-256') throw new VaultError(400, `unsupported algorithm ${algorithm}`)
  const { input, key_version: version = 0 } = body
  if (typeof input !== 'string') throw new VaultError(400, 'missing input for HMAC')
  if (!/^[A-Za-z0-9+/]*={0,2}$/.test(input)) throw new VaultError(400, 'unable to decode input as base64')
  const wanted = version === 0 ? key.versions.length : Number(version)
  const secret = key.versions[wanted - 1]
  if (secret === undefined) throw new VaultError(400, 'cannot generate HMAC: version is too new')
  return { hmac: `vault:v${wanted}:${createHmac('sha256', secret).update(Buffer.from(input, 'base64')).digest('base64')}` }
}

const bodyOf = async (request: IncomingMessage): Promise<Readonly<Record<string, unknown>>> => {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  const text = Buffer.concat(chunks).toString()
  try {
    return text === '' ? {} : (JSON.parse(text) as Record<string, unknown>)
  } catch {
    throw new VaultError(400, 'error parsing JSON')
  }
}
