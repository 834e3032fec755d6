import { WeConnectError } from '@weconnect/contracts/errors'

/** Where Vault is, as the environment says it. */
export interface VaultSettings {
  /** http:// or https:// */
  readonly address: string
  readonly token: string
  /** Of Vault Enterprise or HCP. */
  readonly namespace: string | undefined
  /** Path at which the transit engine is mounted. */
  readonly mount: string
  /** Name of the transit key. */
  readonly keyName: string
}

const limitMs = 5_000
/** What the master keys are made of; another text would be other keys, and nothing could be read. */
const purpose = Buffer.from('weconnect master key').toString('base64')
const digestBytes = 32

interface KeyInfo {
  readonly latest_version: number
  readonly min_available_version?: number
  readonly min_encryption_version?: number
  readonly keys: Readonly<Record<string, unknown>>
}

/**
 * The master keys that follow from a key in Vault's transit engine: one for each of its versions, the newest first, as base64 with commas between, as
 * openMasterKey takes them. Each is the HMAC of a fixed text under that version, which only Vault can compute: nothing is stored here, and every
 * process that may ask has the same keys. `vault write -f transit/keys/weconnect/rotate` brings a new one in at the next start.
 * @throws WeConnectError CONFIG_INVALID or UNAVAILABLE, naming the variable, what failed and what to do
 */
export const masterKeysFromVault = async (settings: VaultSettings): Promise<string> => {
  const info = (await readKey(settings)) ?? (await makeKey(settings))
  const versions = Object.keys(info.keys)
    .map(Number)
    .sort((a, b) => b - a)
  const masters: string[] = []
  for (const version of versions) masters.push(await hmac(settings, version))
  return masters.join(',')
}

/** Whether Vault answers now, and still lets us see the key. @throws WeConnectError UNAVAILABLE */
export const askVault = async (settings: VaultSettings): Promise<void> => {
  if ((await readKey(settings)) === undefined) throw wrong(settings, `the key ${settings.keyName} is gone`)
}

const readKey = async (settings: VaultSettings): Promise<KeyInfo | undefined> => {
  const { status, body } = await ask(settings, 'GET', `keys/${settings.keyName}`)
  if (status === 404) return undefined
  return accepted(settings, status, body) as unknown as KeyInfo
}

const makeKey = async (settings: VaultSettings): Promise<KeyInfo> => {
  const { status, body } = await ask(settings, 'POST', `keys/${settings.keyName}`, { type: 'aes256-gcm96' })
  accepted(settings, status, body)
  const made = await readKey(settings)
  if (made === undefined)
    throw wrong(settings, `there is no transit engine at ${settings.mount}/ (vault secrets enable -path=${settings.mount} transit)`)
  return made
}

const hmac = async (settings: VaultSettings, version: number): Promise<string> => {
  const { status, body } = await ask(settings, 'POST', `hmac/${settings.keyName}/sha2-256`, { input: purpose, key_version: version })
  const { hmac: text } = accepted(settings, status, body) as { hmac?: string }
  const digest = Buffer.from(/^vault:v\d+:(.+)$/.exec(text ?? '')?.[1] ?? '', 'base64')
  if (digest.length !== digestBytes) throw wrong(settings, 'what answers is no Vault')
  return digest.toString('base64')
}

interface Answer {
  readonly status: number
  readonly body: { readonly data?: Readonly<Record<string, unknown>> | null; readonly errors?: readonly string[] }
}

const ask = async ({ address, token, namespace, mount }: VaultSettings, method: string, path: string, body?: object): Promise<Answer> => {
  try {
    const answer = await fetch(`${address.replace(/\/$/, '')}/v1/${mount}/${path}`, {
      method,
      headers: { 'x-vault-token': token, 'x-vault-request': 'true', ...(namespace && { 'x-vault-namespace': namespace }) },
      ...(body && { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(limitMs),
    })
    const text = await answer.text()
    return { status: answer.status, body: text === '' ? {} : (JSON.parse(text) as Answer['body']) }
  } catch (cause) {
    const reason =
      cause instanceof Error ? `${cause.message}${cause.cause instanceof Error ? `: ${cause.cause.message}` : ''}` : String(cause)
    throw new WeConnectError('UNAVAILABLE', `VAULT_ADDR=${address}: no Vault answers (${reason}). Start it, or correct the variable.`, {
      cause,
    })
  }
}

const accepted = (settings: VaultSettings, status: number, { data, errors = [] }: Answer['body']): Readonly<Record<string, unknown>> => {
  if (status === 200 && data) return data
  if (status === 204 || status === 200) return {}
  const said = errors.join('; ') || `status ${status}`
  if (status === 403)
    throw wrong(
      settings,
      `VAULT_TOKEN may not use the key ${settings.keyName} (${said}); it needs read of ${settings.mount}/keys/${settings.keyName} and update of ${settings.mount}/hmac/${settings.keyName}/*`,
    )
  if (status === 503) throw wrong(settings, `Vault is sealed or a standby (${said}); unseal it`)
  throw wrong(settings, said)
}

const wrong = ({ address }: VaultSettings, what: string): WeConnectError =>
  new WeConnectError('UNAVAILABLE', `VAULT_ADDR=${address}: ${what}`)
