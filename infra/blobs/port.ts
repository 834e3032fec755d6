import type { DataKey } from '@weconnect/secrets/port'

/**
 * Bytes too large for the log, stored sealed. An address is an HMAC per organisation of the content (and of the key that seals it), so it tells
 * nothing across tenants, the same content is stored once, and content whose key was destroyed is stored anew under the next key.
 */
export interface Blobs {
  /**
   * Durable (fsync of file and folder) when it resolves; the same content under the same key gives the same address and is stored once.
   * The blob is bound to its address: it cannot be passed off as another.
   * @param bytes the plaintext; sealing is the store's work
   */
  put(organisationId: string, bytes: Buffer, key: DataKey): Promise<string>
  /**
   * Answers the plaintext.
   * @param key 32 bytes, the one that sealed it
   * @throws WeConnectError PAYLOAD_UNREADABLE when it is missing, damaged or of another key
   */
  get(address: string, key: Buffer): Promise<Buffer>
}
