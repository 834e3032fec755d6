export interface DataKey {
  readonly keyId: string
  /** 32 bytes. */
  readonly key: Buffer
}

/** Keys of the organisations (and, later, of subjects). Answers from memory: it is on the path of every append. */
export interface Keyring {
  /** Key that seals new payloads of an organisation; made durably when there is none yet. */
  sealing(organisationId: string): Promise<DataKey> | DataKey
  /** Key by id; undefined when it was destroyed or never existed here. */
  find(keyId: string): Buffer | undefined
  /** Key for what is signed for outsiders (JWT) and for addresses of blobs, by purpose. 32 bytes. */
  derive(purpose: string): Buffer
}
