import { itemsOf, runNode } from '@weconnect/testing/node-harness'
import { expect, test } from 'vitest'
import { rssFeedRead } from './node.ts'

const rss = (item: string, before = '') =>
  `<?xml version="1.0"?>${before}<rss version="2.0"><channel><title>T</title><item>${item}</item></channel></rss>`
const run = async (body: string, more: object = {}, status = 200) => {
  const { outputs } = await runNode(rssFeedRead, {
    parameters: { url: 'http://x.test/feed' },
    http: async ({ url }) => ({ status, statusText: '', headers: {}, body, bodyEncoding: 'utf8', url }),
    ...more,
  })
  return outputs[0]?.map(({ json }) => json)
}

test('the items of a feed, with the fields that were asked for', async () => {
  const feed = rss('<title>One</title><link>http://x.test/1</link><pubDate>Thu, 09 Feb 2023 13:40:00 GMT</pubDate><own>mine</own>')
  const plain = { title: 'One', link: 'http://x.test/1', pubDate: 'Thu, 09 Feb 2023 13:40:00 GMT', isoDate: '2023-02-09T13:40:00.000Z' }
  expect(await run(feed)).toEqual([plain])
  expect(await run(feed, { parameters: { url: 'http://x.test/feed', options: { customFields: 'own, __proto__' } } })).toEqual([
    { ...plain, own: 'mine' },
  ])
})
test('Atom', async () => {
  const feed = '<feed xmlns="http://www.w3.org/2005/Atom"><entry><title>A</title><link href="http://x.test/a"/><id>1</id></entry></feed>'
  expect(await run(feed)).toEqual([{ title: 'A', link: 'http://x.test/a', id: '1' }])
})
test('version 1 reads one feed, later versions one for each item', async () => {
  const items = itemsOf({}, {})
  expect(await run(rss('<title>A</title>'), { items, typeVersion: 1 })).toHaveLength(1)
  expect(await run(rss('<title>A</title>'), { items, typeVersion: 1.2 })).toHaveLength(2)
})
test('an external entity is not fetched, and entities do not multiply', async () => {
  const doctype = '<!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/passwd"><!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;">]>'
  for (const entity of ['&x;', '&b;']) {
    const found = await run(rss(`<title>${entity}</title>`, doctype)).catch((error: Error) => error.message)
    expect(JSON.stringify(found)).not.toMatch(/root:|aaaa/)
  }
})
test('names that reach prototypes stay names', async () => {
  await run(rss('<title>A</title><__proto__>polluted</__proto__><constructor>x</constructor>')).catch(() => undefined)
  expect(({} as Record<string, unknown>)['polluted']).toBeUndefined()
})
test.each([
  ['no feed', '<p/>', 200, 'The feed cannot be read'],
  ['no XML', 'hello', 200, 'The feed cannot be read'],
  ['a status', '', 404, 'Status code 404'],
])('%s fails the node', async (_what, body, status, message) => {
  await expect(run(body, {}, status)).rejects.toThrow(message)
})
test('what is no address', () => expect(run('', { parameters: { url: 'file:///etc/passwd' } })).rejects.toThrow('not valid'))
