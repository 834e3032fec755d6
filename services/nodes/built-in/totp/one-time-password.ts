import { createHmac } from 'node:crypto'
import { WeConnectError } from '@weconnect/contracts/errors'

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'

/** Base32 of RFC 4648; case, spaces and padding do not count. @throws WeConnectError NODE_FAILED for anything else */
export const fromBase32 = (text: string): Buffer => {
  const digits = [...text.toUpperCase().replaceAll(/[\s=-]/g, '')].map((digit) => alphabet.indexOf(digit))
  if (digits.length === 0 || digits.includes(-1)) throw new WeConnectError('NODE_FAILED', 'The secret of the credential is not Base32')
  const bits = digits.map((digit) => digit.toString(2).padStart(5, '0')).join('')
  return Buffer.from((bits.match(/.{8}/g) ?? []).map((byte) => Number.parseInt(byte, 2)))
}

export interface PasswordKind {
  /** As node:crypto names it: sha1, sha256. */
  readonly hash: string
  /** 6 to 10. */
  readonly digits: number
  /** Seconds that a password lasts. */
  readonly period: number
}

/**
 * @param seconds since the epoch
 * Source: RFC 6238 and RFC 4226, section 5.3.
 */
export const oneTimePassword = (secret: Buffer, seconds: number, { hash, digits, period }: PasswordKind): string => {
  const counter = Buffer.alloc(8)
  counter.writeBigUInt64BE(BigInt(Math.floor(seconds / period)))
  const mac = createHmac(hash, secret).update(counter).digest()
  const offset = mac.at(-1)! & 0x0f
  const code = mac.readUInt32BE(offset) & 0x7fffffff
  return String(code % 10 ** digits).padStart(digits, '0')
}
