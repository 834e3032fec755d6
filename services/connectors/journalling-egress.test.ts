import { WeConnectError } from '@weconnect/contracts/errors'
import type { FileRequest } from '@weconnect/contracts/files'
import type { HttpRequest, HttpResponse } from '@weconnect/contracts/http'
import { describe, expect, test } from 'vitest'
import { effectKey, fileRequestHash, requestHash } from './call-hash.ts'
import { journallingEgress } from './journalling-egress.ts'
import type { CallEntry } from './recorded-call.ts'

const site = { executionId: 'e1', nodeId: 'n1', runIndex: 0 }
const get: HttpRequest = { method: 'GET', url: 'http://x.test/' }
const post: HttpRequest = { method: 'POST', url: 'http://x.test/', body: '{}' }

const answer = (body: string): HttpResponse => ({
  status: 200,
  statusText: 'OK',
  headers: {},
  body,
  bodyEncoding: 'utf8',
  url: 'http://x.test/',
})

const openServer = () => {
  const seen: HttpRequest[] = []
  const request = async (sent: HttpRequest) => {
    seen.push(sent)
    if (sent.url.endsWith('/down')) throw new WeConnectError('EGRESS_FAILED', 'refused')
    return answer(`answer ${seen.length}`)
  }
  return { seen, egress: { request } }
}
const keyOf = (request: HttpRequest | undefined) => request?.headers?.['Idempotency-Key']
const journalOf = (calls: { journal(): unknown }) => calls.journal() as readonly CallEntry[]

describe('live', () => {
  test('every call is recorded in order', async () => {
    const { egress } = openServer()
    const calls = journallingEgress({ egress, site })
    expect(calls.journal()).toBeUndefined()
    await Promise.all([calls.request(get), calls.request(post)])
    await expect(calls.request({ ...get, url: 'http://x.test/down' })).rejects.toThrow('refused')
    expect(calls.journal()).toEqual([
      { ordinal: 0, requestHash: requestHash(get), response: answer('answer 1') },
      { ordinal: 1, requestHash: requestHash(post), response: answer('answer 2') },
      { ordinal: 2, requestHash: requestHash({ ...get, url: 'http://x.test/down' }), error: { code: 'EGRESS_FAILED', message: 'refused' } },
    ])
  })
  test('an effect has a key of its own, the same when it is tried again', async () => {
    const { egress, seen } = openServer()
    for (const calls of [journallingEgress({ egress, site }), journallingEgress({ egress, site })])
      for (const request of [post, post, get]) await calls.request(request)
    const keys = seen.map(keyOf)
    expect(keys[0]).toMatch(/^[0-9a-f]{64}$/)
    expect(keys).toEqual([keys[0], keys[1], undefined, keys[0], keys[1], undefined])
    expect(keys[0]).not.toBe(keys[1])
  })
  test('a key that the node gave stays', async () => {
    const { egress, seen } = openServer()
    await journallingEgress({ egress, site }).request({ ...post, headers: { 'idempotency-key': 'mine' } })
    expect(seen[0]?.headers).toEqual({ 'idempotency-key': 'mine' })
  })
})

describe('replay', () => {
  const record = async (...requests: readonly HttpRequest[]) => {
    const calls = journallingEgress({ egress: openServer().egress, site })
    for (const request of requests) await calls.request(request).catch(() => undefined)
    return journalOf(calls)
  }
  const none = {
    request: () => {
      throw new Error('a replay must not call')
    },
  }

  test('answers, also failed ones, come from the record and nothing is sent', async () => {
    const down = { ...get, url: 'http://x.test/down' }
    const recorded = await record(get, down)
    const calls = journallingEgress({ egress: none, site, recorded })
    expect(await calls.request(get)).toEqual(answer('answer 1'))
    await expect(calls.request(down)).rejects.toMatchObject({ code: 'EGRESS_FAILED', message: 'refused' })
    expect([calls.journal(), calls.differences()]).toEqual([recorded, []])
  })
  test('another request than recorded is a difference', async () => {
    const calls = journallingEgress({ egress: none, site, recorded: await record(get) })
    expect(await calls.request(post)).toEqual(answer('answer 1'))
    expect(calls.differences()).toEqual([{ ordinal: 0, problem: 'differentRequest' }])
    expect(journalOf(calls)[0]?.requestHash).toBe(requestHash(post))
  })
  test('a call that was never recorded is a difference and fails', async () => {
    const calls = journallingEgress({ egress: none, site, recorded: [] })
    await expect(calls.request(get)).rejects.toMatchObject({ code: 'EGRESS_FAILED' })
    expect(calls.differences()).toEqual([{ ordinal: 0, problem: 'notRecorded' }])
  })
})

describe('hashes', () => {
  const same: readonly HttpRequest[] = [
    { ...get, headers: { A: '1', B: '2' } },
    { ...get, headers: { b: '2', a: '1' } },
    { ...get, method: 'get', headers: { a: '1', b: '2', Authorization: 'secret', Cookie: 'c', 'Idempotency-Key': 'k' } },
  ]
  test('neither order, spelling nor secrets of headers count', () => expect(new Set(same.map(requestHash)).size).toBe(1))
  test('everything else does', () => {
    const others: readonly HttpRequest[] = [
      get,
      post,
      { ...get, url: 'http://x.test/b' },
      { ...get, headers: { a: '2' } },
      { ...post, body: '' },
    ]
    expect(new Set(others.map(requestHash)).size).toBe(others.length)
  })
  test('every part of a site makes another key', () => {
    const sites = [site, { ...site, executionId: 'e2' }, { ...site, nodeId: 'n2' }, { ...site, runIndex: 1 }, { ...site, effectEpoch: 1 }]
    expect(new Set([...sites.map((one) => effectKey(one, 0, 0)), effectKey(site, 1, 0), effectKey(site, 0, 1)]).size).toBe(7)
    expect(effectKey({ ...site, effectEpoch: 0 }, 0, 0)).toBe(effectKey(site, 0, 0))
  })
})

describe('files', () => {
  const files = {
    perform: async (request: FileRequest) => {
      if (request.kind === 'read') return { base64: 'YQ==' }
      throw new WeConnectError('FILE_DENIED', 'outside')
    },
  }
  const read = { kind: 'read', path: 'a.txt' } as const
  const list = { kind: 'list', pattern: '*' } as const
  const record = async () => {
    const calls = journallingEgress({ egress: openServer().egress, files, site })
    await calls.request(get)
    await calls.file(read)
    await calls.file(list).catch(() => undefined)
    return journalOf(calls)
  }
  test('are recorded beside the requests, in order', async () => {
    expect(await record()).toEqual([
      { ordinal: 0, requestHash: requestHash(get), response: answer('answer 1') },
      { ordinal: 1, requestHash: fileRequestHash(read), file: { base64: 'YQ==' } },
      { ordinal: 2, requestHash: fileRequestHash(list), error: { code: 'FILE_DENIED', message: 'outside' } },
    ])
  })
  test('a replay answers from the record and touches nothing', async () => {
    const recorded = await record()
    const calls = journallingEgress({ egress: { request: () => Promise.reject(new Error('sent')) }, site, recorded })
    await calls.request(get)
    expect(await calls.file(read)).toEqual({ base64: 'YQ==' })
    await expect(calls.file(list)).rejects.toMatchObject({ code: 'FILE_DENIED', message: 'outside' })
    expect(calls.differences()).toEqual([])
    const other = journallingEgress({ egress: openServer().egress, site, recorded })
    await expect(other.file(read)).rejects.toThrow('a request was sent here')
  })
  test('without files every request for one is denied', async () => {
    await expect(journallingEgress({ egress: openServer().egress, site }).file(read)).rejects.toMatchObject({ code: 'FILE_DENIED' })
  })
})
