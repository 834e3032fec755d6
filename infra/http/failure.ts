import { WeConnectError } from '@weconnect/contracts/errors'

const words: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'the connection was refused; perhaps the service is not running',
  ECONNRESET: 'the connection was closed by the other side',
  UND_ERR_SOCKET: 'the connection was closed by the other side',
  EPIPE: 'the connection was closed by the other side',
  ENOTFOUND: 'the host name is not known',
  EAI_AGAIN: 'the host name could not be looked up',
  EHOSTUNREACH: 'the host cannot be reached',
  ENETUNREACH: 'the network cannot be reached',
  ETIMEDOUT: 'the connection took too long',
  UND_ERR_CONNECT_TIMEOUT: 'the connection took too long',
  UND_ERR_HEADERS_TIMEOUT: 'the service did not answer in time',
  UND_ERR_BODY_TIMEOUT: 'the answer did not arrive in time',
  CERT_HAS_EXPIRED: 'its certificate has expired',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'its certificate is self-signed',
  SELF_SIGNED_CERT_IN_CHAIN: 'its certificate is self-signed',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'its certificate could not be verified',
  ERR_TLS_CERT_ALTNAME_INVALID: 'its certificate is for another host',
}

const codeOf = (error: unknown): string => (error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '')

const reasonOf = (error: unknown): string => {
  const code = codeOf(error) || (error instanceof Error ? codeOf(error.cause) : '')
  if (code.startsWith('HPE_')) return 'the answer is not valid HTTP'
  return words[code] ?? (code || (error instanceof Error ? error.message : 'unknown reason'))
}

/** A failed request in plain words; our own errors and the reason of an abort pass as they are. */
export const egressFailure = (error: unknown, method: string, url: URL): WeConnectError =>
  error instanceof WeConnectError
    ? error
    : new WeConnectError('EGRESS_FAILED', `${method} ${url.origin}: ${reasonOf(error)}`, { cause: error })
