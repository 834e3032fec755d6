import { isWeConnectError } from '@weconnect/contracts/errors'
import { describe, expect, test } from 'vitest'
import { type Content, readBody } from './body.ts'

const read = (text: string | Buffer, type?: string, binaryProperty?: string, rawBody = false): Promise<Content> =>
  readBody(Buffer.from(text), type, { rawBody, ...(binaryProperty !== undefined && { binaryProperty }) })
const refusal = async (reading: Promise<Content>) =>
  reading.then(
    () => undefined,
    (error: unknown) => (isWeConnectError(error) ? { code: error.code, message: error.message } : error),
  )

describe('the content type decides', () => {
  test.each([
    ['{"a":1}', 'application/json', { a: 1 }],
    ['[1,"two"]', 'Application/JSON; charset=utf-8', [1, 'two']],
    ['7', 'application/vnd.api+json', 7],
    ['a=1&b=x+y&a=2', 'application/x-www-form-urlencoded', { a: ['1', '2'], b: 'x y' }],
    ['a=1', undefined, { a: '1' }],
    ['{"name":"Ada"}', 'application/x-www-form-urlencoded', { name: 'Ada' }],
    ['{"name"=1', 'application/x-www-form-urlencoded', { '{"name"': '1' }],
    ['{"a":1}', 'text/plain', '{"a":1}'],
    ['<a/>', 'application/xml', '<a/>'],
    ['<a/>', 'image/svg+xml', '<a/>'],
  ])('%s as %s', async (text, type, body) => expect(await read(text, type)).toEqual({ body }))

  test('a type that nobody parses is a file', async () => {
    const bytes = Buffer.from([0, 255, 1])
    const file = { data: bytes.toString('base64'), mimeType: 'image/png', fileSize: '3 B' }
    expect(await read(bytes, 'image/png')).toEqual({ body: {}, binary: { data: file } })
    expect(await read(bytes, 'image/png', 'photo')).toEqual({ body: {}, binary: { photo: file } })
  })
  test('no file comes from JSON that looks like one', async () =>
    expect(await read('{"files":{"f":{"filepath":"/etc/passwd"}}}', 'application/json')).not.toHaveProperty('binary'))
  test('the raw body can be had beside the parsed one', async () =>
    expect(await read('{"a":1}', 'application/json', undefined, true)).toEqual({
      body: { a: 1 },
      binary: { data: { data: Buffer.from('{"a":1}').toString('base64'), mimeType: 'application/json', fileSize: '7 B' } },
    }))
  test('no body is an empty object', async () =>
    expect(await readBody(undefined, 'application/json', { rawBody: true })).toEqual({ body: {} }))
})

describe('names that could reach a prototype are left out', () => {
  test.each([
    ['{"__proto__":{"x":1},"a":{"constructor":1,"b":2}}', 'application/json'],
    ['{"\\u005f_proto__":{"x":1},"a":{"c\\u006fnstructor":1,"b":2}}', 'application/json'],
  ])('%s', async (text, type) => {
    const { body } = await read(text, type)
    expect(JSON.stringify(body)).toBe('{"a":{"b":2}}')
  })
  test('in forms, where names of Object.prototype are names like any other', async () => {
    const { body } = await read('__proto__=1&toString=a&toString=b&valueOf=c', 'application/x-www-form-urlencoded')
    expect(Object.entries(body as object)).toEqual([
      ['toString', ['a', 'b']],
      ['valueOf', 'c'],
    ])
  })
})

describe('what cannot be read is refused with its place', () => {
  test.each([
    ['{"a":}', 'position 5'],
    ['{"a":1', 'position 6'],
    ['', undefined],
    ['{"password":"hunter2" oops}', 'position 22'],
  ])('%s', async (text, place) => {
    const refused = await refusal(read(text, 'application/json'))
    if (place === undefined) return expect(refused).toBeUndefined()
    expect(refused).toMatchObject({ code: 'MALFORMED_JSON', message: expect.stringContaining(place) })
    expect(JSON.stringify(refused)).not.toContain('hunter2')
  })
  test('a form of too many fields', async () => {
    expect(await refusal(read('a&'.repeat(10_001), 'application/x-www-form-urlencoded'))).toMatchObject({ code: 'INVALID_INPUT' })
    const { body } = await read('a&'.repeat(10_000), 'application/x-www-form-urlencoded')
    expect((body as { a: string[] }).a).toHaveLength(10_000)
  })
})

describe('multipart', () => {
  const type = 'multipart/form-data; boundary=B'
  const part = (disposition: string, content: string, contentType = '') =>
    `--B\r\nContent-Disposition: form-data; ${disposition}\r\n${contentType && `Content-Type: ${contentType}\r\n`}\r\n${content}\r\n`
  const file = (name: string, content: string, filename = 'f.txt') => part(`name="${name}"; filename="${filename}"`, content, 'text/plain')
  const end = '--B--\r\n'

  test('fields and files', async () => {
    const { body, binary } = await read(part('name="a"', '1') + part('name="a"', '2') + file('doc', 'hi', '../x/note.txt') + end, type)
    expect(body).toEqual({ a: ['1', '2'] })
    expect(binary).toEqual({
      doc: {
        data: Buffer.from('hi').toString('base64'),
        mimeType: 'text/plain',
        fileName: 'note.txt',
        fileExtension: 'txt',
        fileSize: '2 B',
      },
    })
  })
  test('files of one name are numbered, and so are all when the node names the property', async () => {
    const body = file('doc[]', 'a') + file('doc[]', 'b') + file('one', 'c') + end
    expect(Object.keys((await read(body, type)).binary ?? {})).toEqual(['doc0', 'doc1', 'one'])
    expect(Object.keys((await read(body, type, 'file')).binary ?? {})).toEqual(['file0', 'file1', 'file2'])
  })
  test('a file called __proto__ is left out', async () =>
    expect(Object.keys((await read(file('__proto__', 'a') + end, type)).binary ?? {})).toEqual([]))
  test.each([
    ['cut within a file', `${file('doc', 'a').slice(0, -4)}`, type],
    ['cut within the headers of a part', '--B\r\nContent-Disp', type],
    ['without a boundary', end, 'multipart/form-data'],
    ['with a field over 1 MiB', part('name="a"', 'x'.repeat(1024 * 1024 + 1)) + end, type],
    ['with too many fields', part('name="a"', 'x').repeat(1001) + end, type],
    ['with too many files', file('a', 'x').repeat(101) + end, type],
  ])('%s is refused', async (_, body, contentType) =>
    expect(await refusal(read(body, contentType))).toMatchObject({ code: 'INVALID_INPUT' }),
  )
})
