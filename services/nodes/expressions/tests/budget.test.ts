import { describe, expect, test } from 'vitest'
import { resultOf } from './scope.ts'

const runsOut = (code: string, json = {}) =>
  expect(() => resultOf(`={{ ${code.replaceAll('}}', '\\}}')} }}`, json)).toThrow(expect.objectContaining({ code: 'EXPRESSION_BUDGET' }))

describe('stops', () => {
  test.each([
    '(() => { while (true) {} })()',
    '(() => { for (;;) {} })()',
    '(() => { do {} while (1) })()',
    '(() => { const a = [1]; for (const x of a) a.push(x) })()',
    '(() => { const f = () => f(); f() })()',
    '((f) => f(f))((f) => f(f))',
    '(() => { let s = "x"; while (true) s += s })()',
    '"x".repeat(2 ** 30)',
    '"x".padEnd(2 ** 29)',
    '"x".repeat(1000000).replaceAll("x", "y".repeat(1000))',
    '"x".repeat(1000000).replace(/x/g, "$`")',
    '"x".repeat(10000000).split("")',
    '[..."x".repeat(10000000)]',
    '"a".repeat(400000).indexOf("a".repeat(100000) + "b" + "a".repeat(100000))',
    '"a".repeat(400000).lastIndexOf("a".repeat(200000) + "b")',
    'new Array(2 ** 31)',
    'new Array(2000000).fill(1)',
    'Array.from({ length: 1e9 })',
    '(() => { let a = [1]; while (true) a = [...a, ...a] })()',
    '(() => { let a = [1]; while (true) a = a.concat(a) })()',
    '(() => { let a = 1; for (let i = 0; i < 60; i++) a = [a, a]; return a })()',
    '(() => { let a = 1; for (let i = 0; i < 60; i++) a = [a, a]; return JSON.stringify(a) })()',
    '(() => { let a = 1; for (let i = 0; i < 60; i++) a = [a, a]; return String(a) })()',
    '(() => { const a = []; a[0] = a; return a })()',
    '(() => { const a = { }; a.a = a; return a })()',
    '(() => { const a = []; a[999999999] = 1 })()',
    '(() => { let n = 2n; while (true) n = n * n })()',
    '2n ** 100000n',
    '1n << 100000000n',
    'numberList(1, 1e12)',
    '(() => { const s = new Set(); let i = 0; while (true) s.add(i++) })()',
    '[1, 2, 3].map(() => { while (true) {} })',
    '[2, 1].sort(() => { while (true) {} })',
    '"aaa".replace(/a/g, () => { while (true) {} })',
  ])('%s', (code) => runsOut(code))

  test('a parameter that leads back to itself', () => {
    const node = { id: 'i', name: 'Here', type: 't', typeVersion: 1, parameters: { a: '={{ $parameter.a }}' } }
    expect(() => resultOf('={{ $parameter.a }}', {}, { node })).toThrow(expect.objectContaining({ code: 'EXPRESSION_BUDGET' }))
  })
})

describe('a budget error', () => {
  test('passes the catch of the expression', () => runsOut('(() => { try { while (true) {} } catch { return 1 } })()'))
  test('passes its finally', () => runsOut('(() => { try { while (true) {} } finally { return 1 } })()'))
  test('passes a catch around deep calls', () =>
    runsOut('(() => { const f = () => { try { return f() } catch { return f() } }; return f() })()'))
})

test('an error caught deep down gives the calls back', () => {
  expect(
    resultOf('={{ (() => { let n = 0; for (let i = 0; i < 1000; i++) { try { (() => { throw 1 })() } catch { n++ } } return n })() }}'),
  ).toBe(1000)
})

test('ordinary work fits', () => {
  const code = '={{ (() => { let s = 0; for (let i = 0; i < 100000; i++) s += i % 7; return s })() }}'
  expect(resultOf(code)).toBe(299995)
})
