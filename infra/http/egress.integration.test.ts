import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { type AddressInfo, connect, type Socket } from 'node:net'
import { gzipSync } from 'node:zlib'
import { MockAgent } from 'undici'
import { afterEach, describe, expect, test } from 'vitest'
import { parseEgressAllow } from './address-guard.ts'
import { type Egress, type EgressOptions, openEgress } from './egress.ts'

const closing: (() => unknown)[] = []
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close()
})

type Handler = (request: IncomingMessage & { body: string }, response: ServerResponse) => void

const serve = async (handler: Handler): Promise<number> => {
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk)
    handler(Object.assign(request, { body: Buffer.concat(chunks).toString() }), response)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  closing.push(() => {
    server.closeAllConnections()
    server.close()
  })
  return (server.address() as AddressInfo).port
}

const egressWith = (options: EgressOptions): Egress => {
  const egress = openEgress(options)
  closing.push(() => egress.close())
  return egress
}
/** Every name is this machine, and that is allowed. */
const open = (options: EgressOptions = {}): Egress => egressWith({ resolve: async () => ['127.0.0.1'], allowPrivate: true, ...options })
const guarded = (addresses: readonly string[], options: EgressOptions = {}): Egress =>
  egressWith({ resolve: async () => addresses, ...options })

const echo: Handler = (request, response) =>
  response
    .setHeader('content-type', 'application/json')
    .end(JSON.stringify({ method: request.method, url: request.url, headers: request.headers, body: request.body }))
const get = (url: string) => ({ method: 'GET', url })

describe('requests', () => {
  test('method, headers and body arrive, the answer comes back', async () => {
    const port = await serve(echo)
    const answer = await open().request({ method: 'post', url: `http://shop.test:${port}/a?b=1`, headers: { 'X-One': '1' }, body: 'grüß' })
    expect(answer).toMatchObject({ status: 200, url: `http://shop.test:${port}/a?b=1`, bodyEncoding: 'utf8' })
    expect(JSON.parse(answer.body)).toMatchObject({
      method: 'POST',
      url: '/a?b=1',
      headers: { 'x-one': '1', host: `shop.test:${port}` },
      body: 'grüß',
    })
  })
  test('binary bodies travel as base64, both ways', async () => {
    const bytes = Buffer.from([0, 255, 254, 1])
    const port = await serve((request, response) => response.end(request.body === '\u0000\u0001' ? bytes : 'wrong'))
    const answer = await open().request({
      method: 'PUT',
      url: `http://x.test:${port}/`,
      body: Buffer.from([0, 1]).toString('base64'),
      bodyEncoding: 'base64',
    })
    expect(answer).toMatchObject({ bodyEncoding: 'base64', body: bytes.toString('base64') })
  })
  test('user and password of the URL become a header', async () => {
    const port = await serve(echo)
    const answer = await open().request(get(`http://ada:secret@x.test:${port}/`))
    expect(JSON.parse(answer.body).headers.authorization).toBe(`Basic ${Buffer.from('ada:secret').toString('base64')}`)
  })
  test('compressed answers are read', async () => {
    const port = await serve((_request, response) => response.setHeader('content-encoding', 'gzip').end(gzipSync('hello')))
    expect((await open().request(get(`http://x.test:${port}/`))).body).toBe('hello')
  })
  test('an error status is an answer', async () => {
    const port = await serve((_request, response) => response.writeHead(503).end('later'))
    expect(await open().request(get(`http://x.test:${port}/`))).toMatchObject({ status: 503, body: 'later' })
  })
})

describe('failures in plain words', () => {
  test('nobody listens', async () => {
    const port = await serve(echo)
    for (const close of closing.splice(0)) await close()
    await expect(open().request(get(`http://x.test:${port}/`))).rejects.toMatchObject({
      code: 'EGRESS_FAILED',
      message: expect.stringContaining('refused'),
    })
  })
  test('an unknown name', async () => {
    const resolve = async () => {
      throw Object.assign(new Error('queryA'), { code: 'ENOTFOUND' })
    }
    await expect(egressWith({ resolve }).request(get('http://x.test/'))).rejects.toMatchObject({
      code: 'EGRESS_FAILED',
      message: 'GET http://x.test: the host name is not known',
    })
  })
  test('no answer in time', async () => {
    const port = await serve(() => undefined)
    await expect(open().request({ ...get(`http://x.test:${port}/`), timeoutMs: 50 })).rejects.toMatchObject({
      code: 'EGRESS_FAILED',
      message: expect.stringContaining('within 50 ms'),
    })
  })
  test('an aborted request gives the reason', async () => {
    const abort = new AbortController()
    const port = await serve(() => abort.abort(new Error('cancelled')))
    await expect(open().request(get(`http://x.test:${port}/`), abort.signal)).rejects.toThrow('cancelled')
  })
  test('an answer that is too large, also once it is decompressed', async () => {
    const port = await serve((request, response) =>
      request.url === '/zip'
        ? response.setHeader('content-encoding', 'gzip').end(gzipSync(Buffer.alloc(100_000)))
        : response.end('x'.repeat(2000)),
    )
    const egress = open({ largestBody: 1000 })
    for (const path of ['/', '/zip'])
      await expect(egress.request(get(`http://x.test:${port}${path}`))).rejects.toMatchObject({
        message: 'The answer is larger than 1000 bytes',
      })
  })
  test.each(['file:///etc/passwd', 'gopher://x.test/', 'data:text/plain,x'])('%s', (url) =>
    expect(open().request(get(url))).rejects.toMatchObject({ code: 'EGRESS_DENIED' }),
  )
  test('what is not a URL', () => expect(open().request(get('nowhere'))).rejects.toMatchObject({ code: 'EGRESS_FAILED' }))
})

describe('redirects', () => {
  test('are followed with the method that the status asks for', async () => {
    const port = await serve((request, response) => {
      const status = Number(request.url?.slice(1))
      if (status) response.writeHead(status, { location: '/end' }).end()
      else echo(request, response)
    })
    const methods = []
    for (const status of [301, 302, 303, 307, 308]) {
      const answer = await open().request({
        method: 'POST',
        url: `http://x.test:${port}/${status}`,
        body: 'b',
        headers: { 'content-type': 'text/plain' },
      })
      const { method, body, headers } = JSON.parse(answer.body)
      methods.push([method, body, headers['content-type'] ?? ''])
    }
    expect(methods).toEqual([
      ['GET', '', ''],
      ['GET', '', ''],
      ['GET', '', ''],
      ['POST', 'b', 'text/plain'],
      ['POST', 'b', 'text/plain'],
    ])
  })
  test('secrets stay with the origin', async () => {
    const port = await serve((request, response) => {
      if (request.url === '/other') response.writeHead(302, { location: `http://other.test:${port}/end` }).end()
      else if (request.url === '/same') response.writeHead(302, { location: '/end' }).end()
      else echo(request, response)
    })
    const headers = { Authorization: 'Bearer s', Cookie: 'c=1', 'X-Kept': '1' }
    const seen = async (path: string) =>
      JSON.parse((await open().request({ ...get(`http://x.test:${port}${path}`), headers })).body).headers
    expect(await seen('/same')).toMatchObject({ authorization: 'Bearer s', cookie: 'c=1', 'x-kept': '1' })
    const other = await seen('/other')
    expect([other.authorization, other.cookie, other['x-kept'], other.host]).toEqual([undefined, undefined, '1', `other.test:${port}`])
  })
  test('can be left to the caller, and end', async () => {
    const port = await serve((_request, response) => response.writeHead(302, { location: '/again' }).end())
    expect(await open().request({ ...get(`http://x.test:${port}/`), maxRedirects: 0 })).toMatchObject({ status: 302 })
    await expect(open().request({ ...get(`http://x.test:${port}/`), maxRedirects: 3 })).rejects.toMatchObject({ code: 'EGRESS_FAILED' })
  })
})

describe('private addresses', () => {
  const denied = { code: 'EGRESS_DENIED', message: expect.stringContaining('WECONNECT_EGRESS_ALLOW') }

  test.each([
    '127.0.0.1',
    '127.1',
    '2130706433',
    '0x7f.1',
    '0177.0.0.1',
    '0.0.0.0',
    '10.0.0.1',
    '172.16.0.1',
    '192.168.1.1',
    '169.254.169.254',
    '100.64.0.1',
    '100.100.100.200',
    '168.63.129.16',
    '224.0.0.1',
    '255.255.255.255',
    '198.18.0.1',
    '[::]',
    '[::1]',
    '[::ffff:127.0.0.1]',
    '[::ffff:169.254.169.254]',
    '[::ffff:7f00:1]',
    '[::7f00:1]',
    '[fe80::1]',
    '[fd00::1]',
    '[fec0::1]',
    '[ff02::1]',
    '[64:ff9b::7f00:1]',
    '[2002:7f00:1::]',
    '[2001:0:7f00:1::]',
  ])('%s is refused as it stands', (host) => expect(openEgress().request(get(`http://${host}:9/`))).rejects.toMatchObject(denied))

  test.each([['127.0.0.1'], ['::ffff:10.0.0.1'], ['169.254.169.254'], ['93.184.216.34', '10.0.0.1'], ['fd00::1']])(
    'a name that means %s',
    (...addresses) => expect(guarded(addresses).request(get('http://x.test/'))).rejects.toMatchObject(denied),
  )
  test('the message names the host', () =>
    expect(guarded(['10.0.0.1']).request(get('https://intern.test/'))).rejects.toThrow(
      /"intern\.test".*WECONNECT_EGRESS_ALLOW=intern\.test:443/,
    ))

  test('a redirect to one', async () => {
    const port = await serve((_request, response) =>
      response.writeHead(302, { location: 'http://169.254.169.254/latest/meta-data/' }).end(),
    )
    const egress = guarded(['127.0.0.1'], { allow: parseEgressAllow(`x.test:${port}`) })
    await expect(egress.request(get(`http://x.test:${port}/`))).rejects.toMatchObject(denied)
  })
  test('a name that changes its meaning between check and connection', async () => {
    let reached = false
    const port = await serve((_request, response) => {
      reached = true
      response.end()
    })
    let asked = 0
    // The first answer is allowed (and nobody is there), every later one is the server, which is not.
    const resolve = async () => (asked++ === 0 ? ['127.0.0.2'] : ['127.0.0.1'])
    const egress = egressWith({ resolve, allow: parseEgressAllow('127.0.0.2/32') })
    await expect(egress.request(get(`http://x.test:${port}/`))).rejects.toMatchObject({ code: 'EGRESS_FAILED' })
    await expect(egress.request(get(`http://x.test:${port}/`))).rejects.toMatchObject(denied)
    expect([reached, asked]).toEqual([false, 2])
  })
  test('each connection resolves once and goes where that says', async () => {
    const port = await serve(echo)
    let asked = 0
    const resolve = async () => {
      asked += 1
      return ['127.0.0.1']
    }
    const egress = egressWith({ resolve, allow: parseEgressAllow('127.0.0.0/8') })
    // No system resolver knows this name: a second lookup anywhere would fail.
    expect((await egress.request(get(`http://only-here.invalid:${port}/`))).status).toBe(200)
    expect(asked).toBe(1)
  })
  test('are checked also when something else sends', async () => {
    const dispatcher = new MockAgent()
    dispatcher.disableNetConnect()
    dispatcher.get('http://x.test').intercept({ path: '/' }).reply(200, 'mocked').persist()
    await expect(guarded(['10.0.0.1'], { dispatcher }).request(get('http://x.test/'))).rejects.toMatchObject(denied)
    expect((await guarded(['93.184.216.34'], { dispatcher }).request(get('http://x.test/'))).body).toBe('mocked')
  })
})

describe('WECONNECT_EGRESS_ALLOW', () => {
  test('a host is allowed at its port only, a range at all ports', async () => {
    const port = await serve(echo)
    const url = `http://x.test:${port}/`
    const status = async (allow: string) => (await guarded(['127.0.0.1'], { allow: parseEgressAllow(allow) }).request(get(url))).status
    expect(await status(`X.test:${port}`)).toBe(200)
    expect(await status('10.0.0.0/8, 127.0.0.0/8')).toBe(200)
    await expect(status(`x.test:${port + 1}`)).rejects.toMatchObject({ code: 'EGRESS_DENIED' })
    await expect(status('10.0.0.0/8,::1/128')).rejects.toMatchObject({ code: 'EGRESS_DENIED' })
  })
  test('an entry that is neither is an error', () => {
    expect(() => parseEgressAllow('localhost')).toThrow(/"localhost" is neither/)
    expect(parseEgressAllow('')).toEqual({ hosts: new Set(), ranges: [] })
  })
})

describe('through a proxy', () => {
  const proxyServer = async (
    user?: string,
  ): Promise<{ port: number; asked: { authority: string; authorization: string | undefined }[] }> => {
    const asked: { authority: string; authorization: string | undefined }[] = []
    const server = createServer((_request, response) => void response.writeHead(501).end())
    const sockets = new Set<Socket>()
    server.on('connect', (request, client: Socket) => {
      const authority = request.url ?? ''
      const authorization = request.headers['proxy-authorization']
      asked.push({ authority, authorization })
      sockets.add(client)
      if (user !== undefined && authorization !== `Basic ${Buffer.from(user).toString('base64')}`)
        return void client.end('HTTP/1.1 407 Proxy Authentication Required\r\n\r\n')
      const upstream = connect(Number(authority.split(':').at(-1)), '127.0.0.1', () => {
        client.write('HTTP/1.1 200 Connection established\r\n\r\n')
        upstream.pipe(client).pipe(upstream)
      })
      sockets.add(upstream)
      for (const socket of [client, upstream]) socket.on('error', () => socket.destroy())
    })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    closing.push(() => {
      for (const socket of sockets) socket.destroy()
      server.close()
    })
    return { port: (server.address() as AddressInfo).port, asked }
  }

  test('the request arrives; the proxy is told a number, and its password stays between it and us', async () => {
    const [port, proxy] = [await serve(echo), await proxyServer('ada:secret')]
    const request = { ...get(`http://shop.test:${port}/a`), proxy: `http://ada:secret@proxy.test:${proxy.port}` }
    const answer = await open().request(request)
    expect(JSON.parse(answer.body)).toMatchObject({ url: '/a', headers: { host: `shop.test:${port}` } })
    expect(answer.body).not.toContain('proxy-authorization')
    expect(proxy.asked).toEqual([
      { authority: `127.0.0.1:${port}`, authorization: `Basic ${Buffer.from('ada:secret').toString('base64')}` },
    ])
    await expect(open().request({ ...request, proxy: `proxy.test:${proxy.port}` })).rejects.toThrow('refused to connect (status 407)')
  })
  test('neither a private proxy nor a private target is reached', async () => {
    const [port, proxy] = [await serve(echo), await proxyServer()]
    const denied = { code: 'EGRESS_DENIED' }
    const both = guarded(['127.0.0.1'])
    await expect(both.request({ ...get('http://93.184.215.14/'), proxy: `http://proxy.test:${proxy.port}` })).rejects.toMatchObject(denied)
    const proxyOnly = guarded(['127.0.0.1'], { allow: parseEgressAllow(`proxy.test:${proxy.port}`) })
    await expect(
      proxyOnly.request({ ...get(`http://inner.test:${port}/`), proxy: `http://proxy.test:${proxy.port}` }),
    ).rejects.toMatchObject(denied)
    expect(proxy.asked).toEqual([])
  })
  test('what is no proxy', () =>
    expect(open().request({ ...get('http://shop.test/'), proxy: 'socks5://proxy.test:1080' })).rejects.toThrow(
      'The proxy is not an address',
    ))
})

describe('secrets and redirects', () => {
  /** Two servers are two origins; the first sends on to the second. */
  const two = async (status: number) => {
    const second = await serve(echo)
    const first = await serve((_request, response) => response.writeHead(status, { location: `http://other.test:${second}/b` }).end())
    return `http://shop.test:${first}/a`
  }
  const secrets = { headers: { 'X-Api-Key': 'secret', 'X-Plain': 'kept', Authorization: 'secret' }, secretHeaders: ['x-api-key'] }

  test('another origin gets no header that a credential made', async () => {
    const answer = JSON.parse((await open().request({ ...get(await two(302)), ...secrets })).body)
    expect(answer.headers).toMatchObject({ 'x-plain': 'kept' })
    expect(JSON.stringify(answer)).not.toContain('secret')
  })
  test('unless it was asked for', async () => {
    const answer = JSON.parse((await open().request({ ...get(await two(302)), ...secrets, secretsFollowRedirects: true })).body)
    expect(answer.headers).toMatchObject({ 'x-api-key': 'secret', authorization: 'secret' })
  })
  test('a body with a credential goes nowhere else', async () => {
    const request = { method: 'POST', body: '{"token":"secret"}', secretBody: true }
    await expect(open().request({ ...request, url: await two(307) })).rejects.toMatchObject({ code: 'EGRESS_DENIED' })
    const answer = JSON.parse((await open().request({ ...request, url: await two(303) })).body)
    expect(answer).toMatchObject({ method: 'GET', body: '' })
  })
})
