import type { BinaryData, Item } from '@weconnect/contracts/items'
import type { JsonObject, JsonValue } from '@weconnect/contracts/json'
import type { HelperAnswer, HelperQuery } from '../step.ts'

/** As much of the package `buffer` as is used here. */
type Bytes = Uint8Array & { toString(encoding?: string): string }
interface BytesMaker {
  from(value: unknown, encoding?: string): Bytes
}

/**
 * `this.helpers`: files of items and requests.
 * Sent into the isolate as source text: it must not use anything from outside itself.
 * @param ask answers a query with JSON text; blocks until the answer is there
 */
export const defineHelpers = (global: Record<string, unknown>, items: readonly Item[], ask: (query: string) => string): void => {
  const buffers = global['Buffer'] as BytesMaker
  const { stringify, parse } = JSON

  const answered = (query: HelperQuery): Exclude<HelperAnswer, { error: string }> => {
    const answer = parse(ask(stringify(query))) as HelperAnswer
    if ('error' in answer) throw new Error(answer.error)
    return answer
  }

  const assertBinaryData = (itemIndex: number, property: string | BinaryData): BinaryData => {
    if (typeof property === 'object' && property !== null) return property
    const binary = items[itemIndex]?.binary
    const file = binary !== undefined && Object.hasOwn(binary, property) ? binary[property] : undefined
    if (file !== undefined) return file
    throw new Error(
      `This operation expects the node's input data to contain a binary file '${property}', but none was found [item ${itemIndex}]`,
    )
  }

  const bytesOf = (file: BinaryData): Bytes => {
    const answer = file.id === undefined ? undefined : answered({ kind: 'bytes', file: { data: file.data, id: file.id } as BinaryData })
    return buffers.from(answer !== undefined && 'base64' in answer ? answer.base64 : file.data, 'base64')
  }

  const asBytes = (value: unknown): Bytes => {
    if (typeof value === 'string' || value instanceof Uint8Array || value instanceof ArrayBuffer) return buffers.from(value)
    throw new Error('The bytes of a file are a Buffer; streams are not available here')
  }

  const prepareBinaryData = async (bytes: unknown, fileName?: string, mimeType?: string): Promise<BinaryData> => {
    const base64 = asBytes(bytes).toString('base64')
    const answer = answered({
      kind: 'file',
      base64,
      ...(typeof fileName === 'string' && { fileName }),
      ...(typeof mimeType === 'string' && { mimeType }),
    })
    if ('file' in answer) return answer.file
    throw new Error('The file could not be kept')
  }

  /** Bytes in the options of a request, as JSON carries them. */
  const carried = (value: unknown): unknown => (value instanceof Uint8Array ? { $base64: asBytes(value).toString('base64') } : value)

  const requestError = (status: number, response: JsonObject): Error => {
    const error = new Error(`Request failed with status code ${status}`)
    return Object.assign(error, { httpCode: String(status), statusCode: status, status, response })
  }

  const parsedBody = (text: string, asJson: boolean): JsonValue => {
    if (!asJson) return text
    try {
      return parse(text) as JsonValue
    } catch {
      return text
    }
  }

  const httpRequest = async (given: string | Record<string, unknown>): Promise<unknown> => {
    const options: Record<string, unknown> = typeof given === 'string' ? { url: given } : { ...given }
    const answer = answered({ kind: 'http', options: { ...options, body: carried(options['body']) } as JsonObject })
    if (!('response' in answer)) throw new Error('The request was not answered')
    const { status, statusText, headers, body, bodyEncoding } = answer.response
    const type = String(headers['content-type'] ?? '')
    const wantsBytes = options['encoding'] === 'arraybuffer'
    const bytes = (): Bytes => buffers.from(body, bodyEncoding === 'base64' ? 'base64' : 'utf8')
    const value = wantsBytes
      ? bytes()
      : bodyEncoding === 'base64'
        ? bytes()
        : parsedBody(body, options['json'] === true || /[/+]json\b/.test(type))
    const whole = { body: value, headers, statusCode: status, statusMessage: statusText }
    if (status >= 400 && options['ignoreHttpStatusErrors'] !== true)
      throw requestError(status, { status, headers, data: body } as JsonObject)
    return options['returnFullResponse'] === true ? whole : value
  }

  const unavailable = (name: string) => async (): Promise<never> => {
    throw new Error(`helpers.${name}() is not available in code`)
  }

  const helpers = {
    assertBinaryData,
    getBinaryDataBuffer: async (itemIndex: number, property: string | BinaryData) => bytesOf(assertBinaryData(itemIndex, property)),
    prepareBinaryData,
    setBinaryDataBuffer: async (file: BinaryData, bytes: unknown): Promise<BinaryData> => ({
      ...file,
      ...(await prepareBinaryData(bytes, file.fileName, file.mimeType)),
    }),
    binaryToBuffer: async (bytes: unknown) => asBytes(bytes),
    binaryToString: async (bytes: unknown, encoding?: string) => asBytes(bytes).toString(encoding),
    httpRequest,
    ...Object.fromEntries(
      ['httpRequestWithAuthentication', 'requestWithAuthenticationPaginated', 'getBinaryStream', 'getBinaryPath', 'getBinaryMetadata'].map(
        (name) => [name, unavailable(name)],
      ),
    ),
  }
  Object.assign(global, { helpers, $helpers: helpers })
}
