import { STATUS_CODES } from 'node:http'
import type { Socket } from 'node:net'
import { type ErrorCode, errorCodes } from '@weconnect/contracts/errors'

/** Errors of Node's HTTP parser that say more than that it was no HTTP. */
const ofTheConnection: Readonly<Record<string, readonly [ErrorCode, string]>> = {
  HPE_HEADER_OVERFLOW: ['HEADERS_TOO_LARGE', 'Address and headers are larger than 16 KiB'],
  HPE_INVALID_EOF_STATE: ['BODY_LENGTH_MISMATCH', 'The request ended before its body did'],
  ERR_HTTP_REQUEST_TIMEOUT: ['BODY_LENGTH_MISMATCH', 'The request did not end in time'],
  HPE_INVALID_CONTENT_LENGTH: ['BODY_LENGTH_MISMATCH', 'Content-Length is not a number of bytes'],
  HPE_UNEXPECTED_CONTENT_LENGTH: ['BODY_LENGTH_MISMATCH', 'The request says its length twice'],
  HPE_INVALID_TRANSFER_ENCODING: ['BODY_LENGTH_MISMATCH', 'The request says its length twice'],
  HPE_INVALID_CHUNK_SIZE: ['BODY_LENGTH_MISMATCH', 'A chunk of the body is not as long as it says'],
}

interface ParserError extends Error {
  readonly code?: string
  readonly rawPacket?: unknown
  readonly bytesParsed?: number
}

/** A whole request stood before what could not be read. */
const followsARequest = ({ rawPacket, bytesParsed = 0 }: ParserError): boolean =>
  Buffer.isBuffer(rawPacket) && rawPacket.subarray(0, bytesParsed).includes('\r\n\r\n')

const refusalOf = (error: ParserError): readonly [ErrorCode, string] => {
  const known = ofTheConnection[error.code ?? '']
  if (known !== undefined) return known
  return followsARequest(error)
    ? ['BODY_LENGTH_MISMATCH', 'The body is longer than its Content-Length; nothing of it was taken']
    : ['INVALID_INPUT', 'That is not an HTTP request; is the body before it longer than its Content-Length?']
}

/** What was no HTTP at all, or ended before it was whole, is answered in our form too. */
export const refuseMalformed = (error: ParserError, socket: Socket): void => {
  if (socket.destroyed || !socket.writable) return
  const [code, message] = refusalOf(error)
  const { status } = errorCodes[code]
  const body = JSON.stringify({ error: { code, message } })
  socket.end(
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nConnection: close\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
  )
}
