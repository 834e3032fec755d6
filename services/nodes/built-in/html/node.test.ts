import type { JsonObject } from '@weconnect/contracts/json'
import { itemsOf, type NodeRun, runNode } from '@weconnect/testing/node-harness'
import { describe, expect, test } from 'vitest'
import { html } from './node.ts'

const jsonOf = async (parameters: JsonObject, items: readonly JsonObject[], run: NodeRun = {}) =>
  (await runNode(html, { parameters, items: itemsOf(...items), ...run })).outputs[0]!.map(({ json }) => json)

describe('a template', () => {
  test('is evaluated although it does not begin with =', async () => {
    expect(await jsonOf({ html: '<b>{{ $json.a + 1 }}</b>' }, [{ a: 1 }, { a: 2 }])).toEqual([{ html: '<b>2</b>' }, { html: '<b>3</b>' }])
  })
  test('what an expression gave is never evaluated again', async () => {
    const hostile = { form: '{{ $json.secret }}', secret: 's3cret' }
    expect(await jsonOf({ html: '<b>{{ $json.form }}</b>' }, [hostile])).toEqual([{ html: '<b>{{ $json.secret }}</b>' }])
    expect(await jsonOf({ html: '={{ $json.form }}' }, [hostile])).toEqual([{ html: '{{ $json.secret }}' }])
    expect(await jsonOf({ html: '={{ "=" + $json.form }}' }, [hostile])).toEqual([{ html: '={{ $json.secret }}' }])
  })
})

const page = '<main><h1> A  title</h1><p class="x">one <a href="/1">link</a></p><p>two</p><input value="v"><script>bad()</script></main>'
const extract = (values: readonly JsonObject[], options: JsonObject = {}): JsonObject => ({
  operation: 'extractHtmlContent',
  extractionValues: { values },
  options,
})

describe('extraction', () => {
  test('text, HTML, attributes, values, lists', async () => {
    const wishes = [
      { key: 'title', cssSelector: 'h1' },
      { key: 'inner', cssSelector: 'p.x', returnValue: 'html' },
      { key: 'all', cssSelector: 'p', returnArray: true },
      { key: 'href', cssSelector: 'a', returnValue: 'attribute', attribute: 'href' },
      { key: 'input', cssSelector: 'input', returnValue: 'value' },
      { key: 'none', cssSelector: '.none', returnArray: true },
    ]
    expect(await jsonOf(extract(wishes), [{ data: page }], { typeVersion: 1.1 })).toEqual([
      {
        title: ' A  title',
        inner: 'one <a href="/1">link</a>',
        all: ['one link', 'two'],
        href: '/1',
        input: 'v',
        none: [],
      },
    ])
  })
  test('from version 1.2 on text is laid out, and parts can be left out', async () => {
    const wish = { key: 't', cssSelector: 'p.x' }
    expect(await jsonOf(extract([wish]), [{ data: page }])).toEqual([{ t: 'one link [/1]' }])
    expect(await jsonOf(extract([{ ...wish, skipSelectors: 'a' }]), [{ data: page }])).toEqual([{ t: 'one' }])
  })
  test('trims and cleans when asked', async () => {
    const wish = { key: 't', cssSelector: 'h1', returnValue: 'html' }
    expect(await jsonOf(extract([wish], { trimValues: true }), [{ data: page }])).toEqual([{ t: 'A  title' }])
    expect(await jsonOf(extract([wish], { cleanUpText: true }), [{ data: page }])).toEqual([{ t: 'A title' }])
  })
  test('reads binary data', async () => {
    const { outputs } = await runNode(html, {
      parameters: { ...extract([{ key: 't', cssSelector: 'h1' }]), sourceData: 'binary', dataPropertyName: 'file' },
      items: [{ json: {}, binary: { file: { data: Buffer.from('<h1>b</h1>').toString('base64'), mimeType: 'text/html' } } }],
    })
    expect(outputs).toEqual([[{ json: { t: 'b' }, pairedItem: { item: 0 } }]])
  })
  test('a missing property fails the item, or becomes its error', async () => {
    await expect(jsonOf(extract([]), [{}])).rejects.toThrow('No property named "data" exists!')
    expect(
      await jsonOf(extract([{ key: 't', cssSelector: 'b' }]), [{}, { data: '<b>1</b>' }], { onError: 'continueRegularOutput' }),
    ).toEqual([{ error: 'No property named "data" exists!' }, { t: '1' }])
  })
  test('a key never reaches a prototype', async () => {
    const wishes = [
      { key: '__proto__', cssSelector: 'p', returnArray: true },
      { key: 'constructor', cssSelector: 'h1' },
    ]
    const [json] = await jsonOf(extract(wishes), [{ data: page }])
    expect(Object.getPrototypeOf(json)).toBe(Object.prototype)
    expect(Object.keys(json!)).toEqual(['constructor'])
    await expect(jsonOf({ ...extract([]), dataPropertyName: '__proto__.toString' }, [{ data: page }])).rejects.toThrow('No property')
  })
})

test('a table of all items, with values escaped', async () => {
  const table = { operation: 'convertToHtmlTable', options: { customStyling: true, tableAttributes: 'id="t"', capitalize: true } }
  const { outputs } = await runNode(html, { parameters: table, items: itemsOf({ first_name: '<script>' }, { first_name: true }) })
  expect(outputs[0]).toEqual([
    {
      json: {
        table:
          '<table id="t"><thead><tr><th>First Name</th></tr></thead><tbody><tr><td>&lt;script&gt;</td></tr><tr><td>✓</td></tr></tbody></table>',
      },
      pairedItem: [{ item: 0 }, { item: 1 }],
    },
  ])
})
