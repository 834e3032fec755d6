import { describe, expect, test } from 'vitest'
import { compileExpression, parseExpression } from '../expression.ts'

describe('refused when compiled', () => {
  test.each([
    'async () => 1',
    '(async function () {})()',
    'function* f() {}',
    '(function* () { yield 1 })()',
    'class A {}',
    '(class {})',
    "import('fs')",
    'import.meta',
    '(() => { with ({}) { x } })()',
    '({ get a() { return 1 } })',
    '({ set a(v) {} })',
    '({ m() { return super.m() } })',
    'tag`x`',
    'String.raw.call`x`',
    'new Function("1")()',
    'new Proxy({}, {})',
    'new WeakMap()',
    'new Promise(() => 1)',
    'new (Date)()',
    'new.target',
    '(() => { for (const k in {}) {} })()',
    '(() => { a: while (1) { break a } })()',
    '(() => { debugger })()',
    'await 1',
    'a; b',
    'const a = 1',
    '1) + (2',
  ])('%s', (code) => {
    expect(() => compileExpression(`={{ ${code} }}`)).toThrow(expect.objectContaining({ code: 'EXPRESSION_INVALID' }))
  })
})

describe('parseExpression', () => {
  test('accepts what compiles', () => expect(parseExpression('={{ $json.a }}')).toBeUndefined())
  test('accepts literals', () => expect(parseExpression('{{ a b')).toBeUndefined())
  test('tells where', () => expect(parseExpression('=ab {{ 1 + }}')).toEqual({ message: 'invalid syntax', position: 11 }))
  test('refuses absurd nesting', () => expect(parseExpression(`={{ ${'('.repeat(40_000)}1${')'.repeat(40_000)} }}`)).toBeDefined())
  test('refuses absurd length', () => expect(parseExpression(`={{ '${'x'.repeat(200_000)}' }}`)).toBeDefined())
})
