/** An error of MeiliSearch's API, with its code as published. */
export class ApiError extends Error {
  readonly status: number
  readonly code: string
  readonly type: string
  constructor(status: number, code: string, message: string, type = 'invalid_request') {
    super(message)
    this.status = status
    this.code = code
    this.type = type
  }
  get body() {
    return { message: this.message, code: this.code, type: this.type, link: `https://docs.meilisearch.com/errors#${this.code}` }
  }
}

/** Bodies and queries are checked field by field: an unknown one is an error. */
export const knownFields = (value: Readonly<Record<string, unknown>>, names: readonly string[]): void => {
  const unknown = Object.keys(value).find((name) => !names.includes(name))
  if (unknown !== undefined)
    throw new ApiError(400, 'bad_request', `Unknown field \`${unknown}\`: expected one of ${names.map((name) => `\`${name}\``).join(', ')}`)
}
