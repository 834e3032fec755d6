import type { JsonObject } from '@weconnect/contracts/json'
import { itemsOf, runNode } from '@weconnect/testing/node-harness'
import { describe, expect, test } from 'vitest'
import { markdown } from './node.ts'

const run = async (parameters: JsonObject, json: JsonObject = {}) =>
  (await runNode(markdown, { parameters, items: itemsOf(json) })).outputs[0]![0]!.json
const toHtml = (text: string, options: JsonObject = {}) => run({ mode: 'markdownToHtml', markdown: text, options })
const toMarkdown = (text: string, options: JsonObject = {}) => run({ html: text, options })

describe('to HTML', () => {
  test('headings, lists, code', async () => {
    expect(await toHtml('# T\n\n- a\n- **b**')).toEqual({
      data: '<h1 id="t">T</h1>\n<ul>\n<li>a</li>\n<li><strong>b</strong></li>\n</ul>',
    })
  })
  test('options reach the converter', async () => {
    expect(await toHtml('~~a~~\nb', { strikethrough: true, simpleLineBreaks: true })).toEqual({ data: '<p><del>a</del><br />\nb</p>' })
    expect(await toHtml('# a', { noHeaderId: true, headerLevelStart: 2 })).toEqual({ data: '<h2>a</h2>' })
  })
})

describe('to Markdown', () => {
  test('keeps the item, writes where it is told', async () => {
    expect(await run({ html: '<b>x</b>', destinationKey: 'out.text' }, { a: 1 })).toEqual({ a: 1, out: { text: '**x**' } })
  })
  test('options reach the converter', async () => {
    const list = '<ul><li>a</li></ul><a href="u">l</a><i>i</i>'
    expect(await toMarkdown(list, { bulletMarker: '-', ignore: 'a,img', emDelimiter: '*' })).toEqual({ data: '- a\n*i*' })
    expect(await toMarkdown('a1b2', { textReplace: { values: [{ pattern: '\\d', replacement: '#' }] } })).toEqual({ data: 'a#b#' })
  })
  test('a pattern that takes for ever costs the step only', async () => {
    const options = { textReplace: { values: [{ pattern: '(?=(a+)+$)\\1b', replacement: '' }] } }
    await expect(toMarkdown(`${'a'.repeat(40)}!`, options)).rejects.toThrow('took longer than')
  }, 20_000)
})

test('a destination never reaches a prototype', async () => {
  expect(await run({ html: 'x', destinationKey: '__proto__.polluted' }, { a: 1 })).toEqual({ a: 1 })
  expect(({} as { polluted?: unknown }).polluted).toBeUndefined()
})
