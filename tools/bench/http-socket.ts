/** HTTP over bare sockets, as a full client would take more CPU than the server it measures. */
export interface Request {
  readonly port: number
  readonly path: string
  /** JSON text. */
  readonly body: string
}

export const requestBytes = ({ port, path, body }: Request): Buffer =>
  Buffer.from(
    `POST ${path} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nContent-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  )

/** Whether `answer` is one whole HTTP answer. */
export const isWhole = (answer: string): boolean => {
  const head = answer.indexOf('\r\n\r\n')
  if (head < 0) return false
  const length = /\r\ncontent-length: *(\d+)/i.exec(answer.slice(0, head))?.[1]
  return length === undefined ? answer.endsWith('0\r\n\r\n') : answer.length >= head + 4 + Number(length)
}

export const isSuccess = (answer: string): boolean => answer.startsWith('HTTP/1.1 2')
