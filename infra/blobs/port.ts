/** Sealed bytes too large for the log. Content-addressed by an HMAC per organisation, so that an address tells nothing across tenants. */
export interface Blobs {
  /** Durable (fsync of file and folder) when it resolves; the same content gives the same address and is stored once. */
  put(organisationId: string, bytes: Buffer): Promise<string>
  /** @throws WeConnectError PAYLOAD_UNREADABLE when it is missing or does not match its address. */
  get(address: string): Promise<Buffer>
}
