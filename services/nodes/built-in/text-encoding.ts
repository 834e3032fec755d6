import { WeConnectError } from '@weconnect/contracts/errors'

const iconv = async () => (await import('iconv-lite')).default

const known = async (encoding: string) => {
  const library = await iconv()
  if (!library.encodingExists(encoding)) throw new WeConnectError('NODE_FAILED', `The encoding "${encoding}" is not known`)
  return library
}

/** Bytes as text; the mark that some programs put before a text goes away unless it is asked for. @throws WeConnectError NODE_FAILED */
export const decoded = async (bytes: Buffer, encoding = 'utf8', stripBOM = true): Promise<string> =>
  (await known(encoding)).decode(bytes, encoding, { stripBOM })

/** @throws WeConnectError NODE_FAILED */
export const encoded = async (text: string, encoding = 'utf8', addBOM = false): Promise<Buffer> =>
  (await known(encoding)).encode(text, encoding, { addBOM })
