import { request as plainRequest } from 'node:http'
import { request as secureRequest } from 'node:https'
import type { Socket } from 'node:net'
import { WeConnectError } from '@weconnect/contracts/errors'
import type { buildConnector } from 'undici'
import type { AddressGuard } from './address-guard.ts'

const defaultPort = (protocol: string): number => (protocol === 'https:' ? 443 : 80)

/** @param text `http://user:password@host:port`, also without the protocol @throws WeConnectError EGRESS_FAILED */
export const parseProxy = (text: string): URL => {
  const url = URL.parse(/^[a-z][a-z0-9+.-]*:\/\//i.test(text) ? text : `http://${text}`)
  if (url === null || (url.protocol !== 'http:' && url.protocol !== 'https:'))
    throw new WeConnectError('EGRESS_FAILED', 'The proxy is not an address such as http://proxy.example.com:8080')
  return url
}

const credentialsOf = ({ username, password }: URL): Record<string, string> => {
  if (username === '' && password === '') return {}
  const secret = Buffer.from(`${decodeURIComponent(username)}:${decodeURIComponent(password)}`).toString('base64')
  return { 'proxy-authorization': `Basic ${secret}` }
}

const bracketed = (address: string): string => (address.includes(':') ? `[${address}]` : address)

/**
 * A tunnel through a proxy. Both ends are checked: the proxy's address, and the one that it is asked to connect to, which is given as a number,
 * so that the proxy looks up nothing.
 * @throws WeConnectError EGRESS_DENIED, EGRESS_FAILED
 */
const openTunnel = async (proxy: URL, guard: AddressGuard, hostname: string, port: number): Promise<Socket> => {
  const [target] = await guard(hostname, port)
  const proxyPort = Number(proxy.port) || defaultPort(proxy.protocol)
  const [address] = await guard(proxy.hostname, proxyPort)
  const authority = `${bracketed(target!)}:${port}`
  const send = proxy.protocol === 'https:' ? secureRequest : plainRequest
  const options = {
    ...{ host: address!, port: proxyPort, method: 'CONNECT', path: authority, agent: false as const },
    headers: { host: authority, ...credentialsOf(proxy) },
    ...(proxy.protocol === 'https:' ? { servername: proxy.hostname } : {}),
    timeout: 30_000,
  }
  return new Promise((resolve, reject) => {
    const request = send(options)
    const failed = (reason: string): void => reject(new WeConnectError('EGRESS_FAILED', `The proxy ${proxy.host} ${reason}`))
    request.once('connect', ({ statusCode = 0 }, socket: Socket) => {
      if (statusCode === 200) return resolve(socket)
      socket.destroy()
      failed(`refused to connect (status ${statusCode})`)
    })
    request.once('response', ({ statusCode }) => {
      request.destroy()
      failed(`refused to connect (status ${statusCode})`)
    })
    request.once('timeout', () => request.destroy(new Error('timeout')))
    request.once('error', () => failed('cannot be reached'))
    request.end()
  })
}

/** Connects through a proxy; TLS is between us and the server, inside the tunnel. */
export const proxyConnector =
  (proxy: URL, guard: AddressGuard, connect: buildConnector.connector): buildConnector.connector =>
  (options, callback) => {
    const port = Number(options.port) || defaultPort(options.protocol)
    openTunnel(proxy, guard, options.hostname, port).then(
      (socket) => {
        if (options.protocol !== 'https:') return callback(null, socket)
        connect({ ...options, httpSocket: socket, servername: options.servername ?? options.hostname }, callback)
      },
      (error: Error) => callback(error, null),
    )
  }
