import { createHash } from 'node:crypto'
import type { FileRequest } from '@weconnect/contracts/files'
import type { HttpRequest } from '@weconnect/contracts/http'
import type { MailMessage } from '@weconnect/contracts/mail'
import type { MemoryRequest } from '@weconnect/contracts/memory'

const sha256 = (parts: readonly unknown[]): string => createHash('sha256').update(JSON.stringify(parts)).digest('hex')

/** Left out of hashes: secrets, since a short one can be guessed from its hash, and the header that we add ourselves. */
const notHashed = new Set(['authorization', 'cookie', 'proxy-authorization', 'idempotency-key'])

const hashedHeaders = (headers: HttpRequest['headers'] = {}): readonly (readonly [string, string])[] =>
  Object.entries(headers)
    .map(([name, value]) => [name.toLowerCase(), value] as const)
    .filter(([name]) => !notHashed.has(name))
    .sort(([a], [b]) => (a < b ? -1 : 1))

/** Tells two requests apart: method, URL, headers but for secrets, body. */
export const requestHash = ({ method, url, headers, body = '', bodyEncoding = 'utf8', credential }: HttpRequest): string =>
  sha256([method.toUpperCase(), url, hashedHeaders(headers), body, bodyEncoding, ...(credential === undefined ? [] : [credential])])

/** Tells two messages apart. */
export const mailHash = (type: string, message: MailMessage): string => sha256(['mail', type, message])

/** Tells two uses of credentials apart. */
export const credentialHash = (type: string): string => sha256(['credential', type])

/** Tells two questions to a memory apart. */
export const memoryHash = (request: MemoryRequest): string => sha256(['memory', request])

/** Tells two requests for files apart. */
export const fileRequestHash = (request: FileRequest): string =>
  request.kind === 'write'
    ? sha256(['write', request.path, request.base64, request.append])
    : sha256([request.kind, request.kind === 'read' ? request.path : request.pattern])

/** Where an effect happens. */
export interface EffectSite {
  readonly executionId: string
  readonly nodeId: string
  readonly runIndex: number
  /** Rises only when a person asks for the effect again; 0 unless given. */
  readonly effectEpoch?: number
}

/**
 * Names one effect, unchanged by retries and crashes.
 * @param item that the call is for; -1 = the whole step
 * @param ordinal number of the request among those for that item, from 0
 */
export const effectKey = ({ executionId, nodeId, runIndex, effectEpoch = 0 }: EffectSite, item: number, ordinal: number): string =>
  sha256([executionId, nodeId, runIndex, item, ordinal, effectEpoch])
