// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the snippets are source text
import { describe, expect, test } from 'vitest'
import { compileExpression } from '../expression.ts'
import { resultOf, scopeOf } from './scope.ts'

const denied = (code: string) => expect(() => resultOf(`={{ ${code} }}`)).toThrow(/Cannot access ".*" due to security concerns/)

describe('names that lead out of the data (CVE-2025-68613, CVE-2026-25049, CVE-2026-27577)', () => {
  test.each([
    '({}).constructor',
    '"".constructor.constructor("return process")()',
    '[]["constructor"]',
    '[][`constructor`]',
    '[]["const" + "ructor"]',
    '(() => { const k = ["constructor"]; return ({})[k] })()',
    '(() => { const { constructor } = {}; return constructor })()',
    '(() => { const { ["constr" + "uctor"]: c } = {}; return c })()',
    '(() => { const { constructor: { constructor: F } } = () => 1; return F("return 1")() })()',
    '((a) => a["__proto__"])({})',
    '({}).__proto__.polluted = 1',
    '({ ["__proto__"]: { a: 1 } })',
    'Object.getPrototypeOf({})',
    'Object["getProto" + "typeOf"]([])',
    '({}).__defineGetter__("a", () => 1)',
    '({}).__lookupGetter__("__proto__")',
    '(() => 1).prototype',
    'Error.prepareStackTrace = 1',
    '(function () { return this["constructor"] })()',
    '"constructor" in {}',
    '({}).hasOwnProperty("__proto__")',
    '[{}].map(({ constructor: c }) => c)',
    '[{}].pluck("constructor")',
    '({ toString: () => "constructor" })[{ toString: () => "constructor" }]',
    '$json[{ toString: () => "__proto__" }]',
    'Object.fromEntries([["__proto__", 1]])',
    '$node["constructor"]',
    '$node.__proto__',
    // Bypasses of filters that look for `.constructor`, or check a key before it is used.
    '({})?.constructor',
    '({})?.["constructor"]',
    '({})["\\u0063onstructor"]',
    '({}).\\u0063onstructor',
    '({})[["constructor"]]',
    '({})[[["constructor"]]]',
    '({})[String.raw`constructor`]',
    '({})[`${"con"}${"structor"}`]',
    '({})["constructor".split("").join("")]',
    '({})[String.fromCharCode(99, 111, 110, 115, 116, 114, 117, 99, 116, 111, 114)]',
    '({})[atob("Y29uc3RydWN0b3I=")]',
    '({})[JSON.parse(\'"constructor"\')]',
    '({})["CONSTRUCTOR".toLowerCase()]',
    '({})[new String("constructor")]',
    '({})[{ valueOf: () => "a", toString: () => "__proto__" }]',
    '(({ ["constructor"]: c }) => c)([])',
    '(({ a = [].constructor }) => a)({})',
    '(() => { for (const { constructor: c } of [[]]) return c })()',
    '(() => { let c; ({ constructor: c } = []); return c })()',
    '(() => { try { null.x } catch ({ constructor }) { return constructor } })()',
    '(() => { try { throw new Error("x") } catch (e) { return e.constructor } })()',
    '(async) => async.constructor',
    '((...a) => a.constructor)()',
    '[...[]].constructor',
    '({ ...[] }).constructor',
    '"a".replace(/a/, (m) => m.constructor)',
    '[1].map((x) => x.constructor)',
    '[1].reduce((a, b, c, list) => list.constructor, 0)',
    'Math.constructor',
    'JSON["constructor"]',
    '$input.constructor',
    '$now.constructor',
    '$("x").constructor',
    '$fromAI.constructor',
    '$fromAI("a").constructor',
    '$json.list.constructor',
    '(1).constructor',
    '(1n).constructor',
    'Symbol("x").constructor',
    '/a/.constructor',
    'new Date().constructor',
    'new Map().constructor',
    'new URL("http://a").searchParams.constructor',
    'new Error("x").constructor',
    'String.constructor',
    'Object.entries.constructor',
    '[].map.call.constructor',
    '(function () { return this })().constructor',
    'Object.keys({}).concat("x").constructor',
    'Object.groupBy(["constructor"], (x) => x)',
    'Object["defineGetter".replace(/^/, "__") + "__"]',
    '[{ k: "__proto__", v: 1 }].smartJoin("k", "v")',
    '[{ a: 1 }].renameKeys("a", "__proto__")',
    '({}).hasField("__proto__")',
    'zip(["__proto__"], [1])',
  ])('%s', denied)
})

describe('what cannot be reached (CVE-2026-1470, CVE-2026-72765)', () => {
  test.each([
    'process',
    'globalThis',
    'global',
    'require',
    'module',
    'Function',
    'eval',
    'Reflect',
    'Proxy',
    'Buffer',
    'fetch',
    'setTimeout',
    'WebAssembly',
    'Atomics',
    'console',
    'Object.getOwnPropertyDescriptor',
    'Object.getOwnPropertyNames',
    'Object.defineProperty',
    'Object.create',
    'Error.captureStackTrace',
    'new Error("x").stack',
    'DateTime.now().loc',
    'DateTime.now().zone',
    'DateTime.now()._zone',
    'DateTime.now().__ob__',
    'Intl',
    '[].map.invoke',
    '(() => 1).invoke',
    '(() => 1).visit',
    'Math.members',
    'Math.members.methods',
    '$input.target',
    '$("x").target',
    'String.call.statics',
    'Array.statics',
    'arguments',
    'this.process',
    'arguments.callee',
    '(function () { return arguments })()',
    '(() => 1).caller',
    '(() => 1).arguments',
    'Error.stackTraceLimit',
    'new Error("x").stack',
    '(() => { try { null.x } catch (e) { return e.stack } })()',
    'Symbol.iterator',
    'Symbol.for',
    '[].values().next',
    'RegExp.$1',
    'RegExp.lastMatch',
    'Object.getOwnPropertySymbols',
    'String.raw',
    'Array.fromAsync',
    'JSON.rawJSON',
    'Math.f16round',
    '"".anchor',
    '"".link',
    'queueMicrotask',
    'structuredClone',
    'navigator',
    'SharedArrayBuffer',
    'Iterator',
    'FinalizationRegistry',
    'WeakRef',
    'Promise',
  ])('%s is undefined', (code) => {
    const run = () => resultOf(`={{ ${code} }}`, {}, { run: { ...scopeOf({}).run, hasNode: () => true } })
    expect(run()).toBeUndefined()
  })

  test.each([
    '({}).values.call(Math)',
    '({}).keys.call(Array)',
    '[].first.call(Math)',
    '"".hash.call(Math)',
    '[].push.call($input, 1)',
    '(1).round.call({})',
  ])('a method does not run on what it is not for: %s', (code) => expect(resultOf(`={{ ${code} }}`)).toBeUndefined())

  test('this is empty and frozen', () => {
    expect(resultOf('={{ (function () { return this })() }}')).toEqual({})
    expect(resultOf('={{ (() => { this.x = 1; return this.x })() }}')).toBeUndefined()
  })
})

describe('nothing lasts from one evaluation to the next (GHSA-fg85-4wv2-p98j)', () => {
  test.each([
    'Object.keys = () => "changed"',
    'Math.max = 1',
    'JSON.parse = null',
    'String.x = 1',
    'DateTime.now = () => 1',
    '$workflow.name = "x"',
    '[].map.x = 1',
    'Object.assign(Math, { max: 1 })',
    'Object.assign($json, { a: 2 })',
    '$json.a = 2',
    '$json.list.push(4)',
    '$json.list.sort((x, y) => y - x)',
    '$json.list["pu" + "sh"](9)',
    '$input.all().pop()',
    '$input.item.json.a = 3',
    'delete $json.a',
    '$vars.region = "us"',
    '$json.list.length = 0',
    '(() => { for ($json.a of [7]) {} })()',
    '(() => { ({ x: $json.a } = { x: 9 }) })()',
    '(() => { $json.list.reverse.call($json.list) })()',
    '$now.c.year = 1',
  ])('%s', (code) => {
    const json = { a: 1, list: [1, 2, 3] }
    try {
      resultOf(`={{ ${code} }}`, json)
    } catch {
      // Refusing is as good as changing a copy.
    }
    expect(
      resultOf(
        '={{ [$json, Object.keys({ k: 1 }), Math.max(1, 2), JSON.parse("1"), $workflow.name, $vars.region, $input.all().length, String.x] }}',
        json,
      ),
    ).toEqual([{ a: 1, list: [1, 2, 3] }, ['k'], 2, 1, 'Flow', 'eu', 1, null])
  })

  test('a changed copy is seen within the evaluation', () => {
    expect(resultOf('={{ [$json.list.push(4), $json.list, $json.a = 5, $json.a] }}', { a: 1, list: [1] })).toEqual([2, [1, 4], 5, 5])
  })

  test('prototypes stay as they are', () => {
    const before = Reflect.ownKeys(Object.prototype)
    try {
      resultOf('={{ JSON.parse(\'{"__proto__": {"polluted": 1\\}}\').merge({}) }}')
      resultOf('={{ ({ ...JSON.parse($json.text) }) }}', { text: '{"__proto__":{"polluted":1},"constructor":2}' })
    } catch {
      // Either way nothing may have changed.
    }
    expect(Reflect.ownKeys(Object.prototype)).toEqual(before)
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined()
  })
})

describe('results are data', () => {
  test('a result that looks like an expression is not evaluated again (CVE-2026-27493)', () => {
    expect(resultOf('={{ $json.form }}', { form: '={{ 1 + 1 }}' })).toBe('={{ 1 + 1 }}')
    expect(resultOf('=x{{ $json.form }}', { form: '{{ 1 + 1 }}' })).toBe('x{{ 1 + 1 }}')
    const node = { id: 'i', name: 'Here', type: 't', typeVersion: 1, parameters: { a: '={{ $json.form }}' } }
    expect(resultOf('={{ $parameter.a }}', { form: '={{ 1 + 1 }}' }, { node })).toBe('={{ 1 + 1 }}')
  })
  test('toJSON, then, toString and valueOf of the result are never called', () => {
    const code = '={{ ({ toJSON: () => 1, then: (r) => r(2), toString: () => 3, a: { valueOf: () => 4, b: 5 } }) }}'
    expect(resultOf(code.replace('} }) }}', '} }) }}'))).toEqual({ a: { b: 5 } })
  })
  test('functions are left out', () => expect(resultOf('={{ [() => 1, { f: Math.max, g: String }] }}')).toEqual([null, {}]))
  test('a result is a copy', () => {
    const scope = scopeOf({ a: { b: 1 } })
    const value = compileExpression('={{ $json.a }}').evaluate(scope) as { b: number }
    value.b = 2
    expect(scope.items[0]?.json).toEqual({ a: { b: 1 } })
  })
})

test('a key is made a string once', () => {
  const code = `={{ (() => {
    let calls = 0
    const key = { toString: () => { calls++; return calls === 1 ? 'a' : 'constructor' } }
    const value = ({ a: 'own' })[key]
    return [value, calls]
  })() }}`
  expect(resultOf(code)).toEqual(['own', 1])
})

test('environment variables are denied', () => {
  expect(() => resultOf('={{ $env.PATH }}')).toThrow('access to env vars denied')
  expect(() => resultOf('={{ $env["PA" + "TH"] }}')).toThrow('access to env vars denied')
})

test('two evaluations see their own zone', () => {
  const hour = '={{ DateTime.now().hour + ":" + $now.zoneName }}'
  expect(resultOf(hour, {}, { timezone: 'Asia/Tokyo' })).toBe('3:Asia/Tokyo')
  expect(resultOf(hour, {}, { timezone: 'America/New_York' })).toBe('14:America/New_York')
})
