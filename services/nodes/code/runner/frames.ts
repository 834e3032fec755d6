/**
 * What parent and runner say to each other over a pipe: a small JSON header and a body of UTF-8 text that is not looked into on the way.
 * Bytes: header length (4, big endian), body length (4, big endian), header, body.
 */
export interface Frame<Header> {
  readonly header: Header
  readonly body: string
}

/** Parent to runner. The body of `setUp` is the libraries' source, of `run` the step's data as JSON, of `answer` JSON. */
export type ToRunner =
  | { readonly kind: 'setUp'; readonly isolateMb: number }
  | { readonly kind: 'run'; readonly code: string }
  | { readonly kind: 'answer' }

/** Runner to parent. The body of `ask` is a query, of `done` an outcome, both JSON. */
export type FromRunner =
  | { readonly kind: 'ready' }
  | { readonly kind: 'ask' }
  /** Milliseconds of CPU time. */
  | { readonly kind: 'done'; readonly cpuMs: number }
  | { readonly kind: 'outOfMemory' }

export const encodeFrame = (header: ToRunner | FromRunner, body = ''): Buffer => {
  const head = Buffer.from(JSON.stringify(header))
  const bodyBytes = Buffer.byteLength(body)
  const frame = Buffer.allocUnsafe(8 + head.length + bodyBytes)
  frame.writeUInt32BE(head.length, 0)
  frame.writeUInt32BE(bodyBytes, 4)
  head.copy(frame, 8)
  frame.write(body, 8 + head.length)
  return frame
}

const frameLength = (bytes: Buffer): number =>
  bytes.length < 8 ? Number.POSITIVE_INFINITY : 8 + bytes.readUInt32BE(0) + bytes.readUInt32BE(4)

/**
 * Cuts a byte stream into frames.
 * @param limit bytes of the largest frame that is taken
 * @returns a function to feed chunks to; it throws RangeError for a frame over the limit and SyntaxError for a header that is not JSON
 */
export const frameReader = <Header>(take: (frame: Frame<Header>) => void, limit: number): ((chunk: Buffer) => void) => {
  let chunks: Buffer[] = []
  let held = 0
  let needed = 8
  return (chunk) => {
    chunks.push(chunk)
    held += chunk.length
    while (held >= needed) {
      const bytes = chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks)
      chunks = [bytes]
      const length = frameLength(bytes)
      if (length > limit) throw new RangeError(`a frame of ${length} bytes is over the limit of ${limit}`)
      needed = length
      if (held < needed) return
      const headEnd = 8 + bytes.readUInt32BE(0)
      const rest = bytes.subarray(length)
      chunks = rest.length > 0 ? [rest] : []
      held = rest.length
      needed = 8
      take({ header: JSON.parse(bytes.toString('utf8', 8, headEnd)) as Header, body: bytes.toString('utf8', headEnd, length) })
    }
  }
}
