import { createCipheriv, createDecipheriv, createSecretKey, type KeyObject, randomFillSync } from 'node:crypto'

const nonceBytes = 12
const tagBytes = 16

/** Random nonces made in bulk: asking the kernel for twelve bytes at a time costs as much as the cipher. */
const nonces = Buffer.allocUnsafeSlow(nonceBytes * 1024)
let nextNonce = nonces.length
const takeNonce = (): Buffer => {
  if (nextNonce === nonces.length) {
    randomFillSync(nonces)
    nextNonce = 0
  }
  nextNonce += nonceBytes
  return nonces.subarray(nextNonce - nonceBytes, nextNonce)
}

/** Importing a key is a fifth of the cost of sealing a small payload with it. */
const imported = new WeakMap<Buffer, KeyObject>()
const keyObjectOf = (key: Buffer): KeyObject => {
  const known = imported.get(key)
  if (known) return known
  const made = createSecretKey(key)
  imported.set(key, made)
  return made
}

/**
 * AES-256-GCM.
 * @param key 32 bytes, which must not change afterwards
 * @param aad what the ciphertext is bound to: it opens only with the same
 * @returns nonce (12 bytes, random), ciphertext (as long as the plaintext), tag (16 bytes)
 */
export const seal = (key: Buffer, plaintext: Buffer, aad: Buffer): Buffer => {
  const sealed = Buffer.allocUnsafe(nonceBytes + plaintext.length + tagBytes)
  const nonce = takeNonce()
  const cipher = createCipheriv('aes-256-gcm', keyObjectOf(key), nonce)
  cipher.setAAD(aad)
  sealed.set(nonce, 0)
  sealed.set(cipher.update(plaintext), nonceBytes)
  cipher.final()
  sealed.set(cipher.getAuthTag(), nonceBytes + plaintext.length)
  return sealed
}

/** Opens what `seal` made. @throws Error when the key, the bytes or the aad are not those it was sealed with */
export const open = (key: Buffer, sealed: Buffer, aad: Buffer): Buffer => {
  if (sealed.length < nonceBytes + tagBytes) throw new Error('sealed bytes are too short')
  const end = sealed.length - tagBytes
  const decipher = createDecipheriv('aes-256-gcm', keyObjectOf(key), sealed.subarray(0, nonceBytes), { authTagLength: tagBytes })
  decipher.setAAD(aad)
  decipher.setAuthTag(sealed.subarray(end))
  const plaintext = decipher.update(sealed.subarray(nonceBytes, end))
  decipher.final()
  return plaintext
}
