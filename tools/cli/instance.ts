import { existsSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { openTokens } from '@weconnect/admin/tokens'
import { WeConnectError } from '@weconnect/contracts/errors'
import { openKeyFile } from '@weconnect/secrets/key-file'
import { openMasterKey } from '@weconnect/secrets/master-key'
import { masterKeysFromVault } from '@weconnect/secrets/vault'
import { vaultSettings } from './owner/store-settings.ts'

/** What a running owner leaves in its data folder for the command line. */
export interface InstanceFile {
  readonly url: string
  readonly pid: number
  readonly owner: { readonly userId: string; readonly organisationId: string; readonly email: string }
}

export const instanceFile = (dataFolder: string): string => join(dataFolder, 'instance.json')
export const keyFile = (dataFolder: string): string => join(dataFolder, 'keys.json')

/** Options that say which instance is meant. */
export const instanceOptions = { url: { type: 'string' }, data: { type: 'string' }, json: { type: 'boolean' } } as const

export interface InstanceChoice {
  readonly url?: string | undefined
  readonly data?: string | undefined
}

export const dataFolderOf = ({ data }: InstanceChoice): string => resolve(data ?? process.env['WECONNECT_DATA'] ?? '.weconnect')

export const readInstance = (folder: string): InstanceFile => {
  const path = instanceFile(folder)
  if (!existsSync(path)) throw notRunning(folder)
  return JSON.parse(readFileSync(path, 'utf8')) as InstanceFile
}

const notRunning = (folder: string): WeConnectError =>
  new WeConnectError('UNAVAILABLE', `No instance runs on ${folder}. Start one with ./weconnect up, or name it with --data DIR or --url URL`)

/** A token of the owner, made with the key of the data folder: who can read that key owns the instance. */
export const ownerToken = async (folder: string, ttlSeconds: number): Promise<string> => {
  const { owner } = readInstance(folder)
  const vault = vaultSettings(process.env)
  const keyring = vault === undefined ? openKeyFile(keyFile(folder)) : openMasterKey(await masterKeysFromVault(vault))
  const tokens = openTokens(keyring.derive('jwt'))
  const principal = { userId: owner.userId, organisationId: owner.organisationId, role: 'owner' as const }
  return tokens.issue({ principal, tokenId: crypto.randomUUID(), nowMs: Date.now(), ttlSeconds })
}

export interface Connection {
  readonly url: string
  readonly token: string
}

export const connect = async (choice: InstanceChoice): Promise<Connection> => {
  if (choice.url !== undefined) {
    const token = process.env['WECONNECT_TOKEN']
    if (!token)
      throw new WeConnectError(
        'UNAUTHENTICATED',
        '--url needs a token in WECONNECT_TOKEN (./weconnect token prints one on the machine of the instance)',
      )
    return { url: choice.url.replace(/\/$/, ''), token }
  }
  const folder = dataFolderOf(choice)
  return { url: readInstance(folder).url, token: await ownerToken(folder, 3600) }
}
