import type { JsonObject } from '@weconnect/contracts/json'
import { itemsOf, runNode } from '@weconnect/testing/node-harness'
import { describe, expect, test } from 'vitest'
import { xml } from './node.ts'

const run = async (json: JsonObject, parameters: JsonObject = {}) =>
  (await runNode(xml, { parameters, items: itemsOf(json) })).outputs[0]![0]!.json
const parse = (data: string, options: JsonObject = {}) => run({ data }, { options })

describe('to JSON', () => {
  test('elements, attributes and lists', async () => {
    const document = '<r a="1"><b>x</b><b>y</b><c d="e">text</c></r>'
    expect(await parse(document)).toEqual({ r: { a: '1', b: ['x', 'y'], c: { _: 'text', d: 'e' } } })
    expect(await parse(document, { mergeAttrs: false, explicitRoot: false, attrkey: '@' })).toEqual({
      '@': { a: '1' },
      b: ['x', 'y'],
      c: { _: 'text', '@': { d: 'e' } },
    })
  })
  test('what is no XML is an error', async () => {
    await expect(parse('<a><b></a>')).rejects.toThrow('Unexpected close tag')
    await expect(run({})).rejects.toThrow('Item has no JSON property called "data"')
  })
})

describe('to XML', () => {
  test('one member is the root, several get one', async () => {
    expect(await run({ a: { b: [1, 2] } }, { mode: 'jsonToxml', options: { headless: true } })).toEqual({
      data: '<a>\n  <b>1</b>\n  <b>2</b>\n</a>',
    })
    expect(await run({ a: 1, b: '<' }, { mode: 'jsonToxml', options: { headless: true, rootName: 'r' } })).toEqual({
      data: '<r>\n  <a>1</a>\n  <b>&lt;</b>\n</r>',
    })
  })
})

describe('attacks', () => {
  const isClean = (value: unknown): void => {
    if (typeof value !== 'object' || value === null) return
    if (!Array.isArray(value)) expect(Object.getPrototypeOf(value)).toBe(Object.prototype)
    expect(Object.hasOwn(value, '__proto__')).toBe(false)
    for (const member of Object.values(value)) isClean(member)
  }
  const hostile = [
    '<__proto__><polluted>1</polluted></__proto__>',
    '<r><__proto__><polluted>1</polluted></__proto__></r>',
    '<r><__proto__ polluted="1"/><__proto__ polluted="2"/></r>',
    '<r __proto__="x" polluted="1"><a/></r>',
    '<r><constructor><prototype><polluted>1</polluted></prototype></constructor></r>',
    '<r><a __proto__="1">t</a></r>',
    '<r><hasOwnProperty>1</hasOwnProperty><toString>1</toString></r>',
  ]
  const everyOption: readonly JsonObject[] = [
    {},
    { mergeAttrs: false },
    { explicitRoot: false },
    { explicitArray: true },
    { normalizeTags: true },
  ]
  test.each(hostile)('%s changes no prototype and leaves plain data', async (document) => {
    for (const options of everyOption) {
      isClean(await parse(document, options))
      expect(({} as { polluted?: unknown }).polluted).toBeUndefined()
      expect(Object.prototype.toString.call({})).toBe('[object Object]')
    }
  })
  test.each(['attrkey', 'charkey', 'rootName'])('%s is no name of a prototype', async (option) => {
    for (const name of ['__proto__', 'constructor', 'prototype', ['__proto__']]) {
      const parameters = { mode: option === 'rootName' ? 'jsonToxml' : 'xmlToJson', options: { [option]: name, mergeAttrs: false } }
      await expect(run({ data: '<r a="1">t</r>' }, parameters)).rejects.toThrow(`"${option}" may not be`)
      expect(({} as { a?: unknown }).a).toBeUndefined()
    }
  })
  test('options that are no options are not handed on', async () => {
    expect(await parse('<r>1</r>', { tagNameProcessors: ['x'], xmlns: true, __proto__: { trim: true } })).toEqual({ r: '1' })
  })
  test('entities of a document are neither expanded nor fetched', async () => {
    const outside = '<!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/passwd">]><r>&x;</r>'
    const laughs = '<!DOCTYPE r [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">]><r>&b;</r>'
    for (const document of [outside, laughs]) await expect(parse(document)).rejects.toThrow('Invalid character entity')
    expect(await parse('<!DOCTYPE r SYSTEM "http://10.0.0.1/x.dtd"><r>1</r>')).toEqual({ r: '1' })
  })
  test('a document nested without end is an error of the step', async () => {
    await expect(parse(`${'<a>'.repeat(20_000)}1${'</a>'.repeat(20_000)}`)).rejects.toThrow('nested more than 500 levels')
  })
})
