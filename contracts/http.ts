/** An outbound request as nodes make it. */
export interface HttpRequest {
  readonly method: string
  readonly url: string
  readonly headers?: Readonly<Record<string, string>>
  /** Text, or base64 when `bodyEncoding` says so. */
  readonly body?: string
  readonly bodyEncoding?: 'utf8' | 'base64'
  readonly timeoutMs?: number
  /** Item it is for, from 0: calls are counted for each item, so that the key of an effect does not depend on which of several came first. */
  readonly item?: number
  /** 0 = the answer of the first server is the answer; 21 unless given. */
  readonly maxRedirects?: number
  readonly proxy?: string
  readonly allowUnauthorizedCerts?: boolean
  /** Type of the node's credential that goes with it; it is added behind the journal, where no node and no record sees it. */
  readonly credential?: string
  /** Names, in lower case, of headers that are for the first server only, besides the usual ones. */
  readonly secretHeaders?: readonly string[]
  /** Whether the body, too, is for the first server only. */
  readonly secretBody?: boolean
  /** Sends what is secret to other servers as well, when they are redirected to. */
  readonly secretsFollowRedirects?: boolean
}

export interface HttpResponse {
  readonly status: number
  readonly statusText: string
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string | readonly string[]>>
  /** Decompressed; text when the bytes are UTF-8, else base64. */
  readonly body: string
  readonly bodyEncoding: 'utf8' | 'base64'
  /** Of the last redirect. */
  readonly url: string
}
