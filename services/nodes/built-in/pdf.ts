import { WeConnectError } from '@weconnect/contracts/errors'
import type { JsonObject } from '@weconnect/contracts/json'
import type { NodeContext } from '../sdk/node.ts'
import { runApart } from './apart.ts'
import type { PdfInput } from './pdf-process.ts'
import { inflatesWithin } from './pdf-streams.ts'

/** What the compressed parts of a PDF may hold, bytes. */
const maxUnpackedBytes = 256 * 2 ** 20

/**
 * The text and the data of a PDF: numpages, numrender, info, metadata, text (a list of the pages with `joinPages: false`), version.
 * @param options joinPages, maxPages (0 = all), password
 * @throws WeConnectError NODE_FAILED, ARCHIVE_TOO_LARGE
 */
export const readPdf = async (context: NodeContext, bytes: Buffer, options: JsonObject): Promise<JsonObject> => {
  if (!inflatesWithin(bytes, maxUnpackedBytes))
    throw new WeConnectError('ARCHIVE_TOO_LARGE', `The PDF would unpack to more than ${maxUnpackedBytes} bytes`)
  const input: PdfInput = {
    bytes,
    joinPages: options['joinPages'] !== false,
    maxPages: Number(options['maxPages'] ?? 0) || 0,
    ...(options['password'] ? { password: String(options['password']) } : {}),
  }
  return runApart<JsonObject>('Reading the PDF', new URL('./pdf-process.ts', import.meta.url), input, context.signal, {
    milliseconds: 30_000,
  })
}
