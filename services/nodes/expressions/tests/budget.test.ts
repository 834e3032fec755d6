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
    // Reading a long text is paid for, however short the program that does it.
    '(() => { const s = "a".repeat(8000000) + "b", t = "a".repeat(8000000) + "c"; while (true) s === t })()',
    '(() => { const s = "a".repeat(8000000) + "b", t = "a".repeat(8000000) + "c"; while (true) s < t })()',
    '(() => { const s = "a".repeat(8000000) + "b", t = "a".repeat(8000000) + "c"; while (true) { switch (s) { case t: 1 } } })()',
    '(() => { const s = "a".repeat(8000000) + "b", t = "a".repeat(8000000) + "c"; return new Array(100000).fill(s).includes(t) })()',
    '(() => { const s = "1".repeat(8000000); while (true) +s })()',
    '(() => { const s = "1".repeat(8000000); while (true) s == 1 })()',
    '(() => { const s = "1".repeat(8000000); while (true) parseInt(s) })()',
    '(() => { const s = 2n ** 9990n; while (true) "" + s })()',
    '(() => { const s = 2n ** 9990n; while (true) s % 7n })()',
    // The host would join these for minutes.
    '(() => { let a = 1; for (let i = 0; i < 60; i++) a = [a, a]; const r = /a/; r.lastIndex = a })()',
    '(() => { let a = 1; for (let i = 0; i < 60; i++) a = [a, a]; return [2, 1].sort(() => a) })()',
    '(() => { let a = 1; for (let i = 0; i < 60; i++) a = [a, a]; return "1".toInt(a) })()',
    '(() => { const s = "x".repeat(16000000); return JSON.stringify(new Array(1000).fill(s)) })()',
    '(() => { const s = "x".repeat(16000000); return new Array(1000).fill(s) })()',
    '(() => { const p = new URLSearchParams(); const s = "é".repeat(1000000); while (true) p.append("a", s) })()',
    '(() => { while (true) { try { throw 1 } catch {} } })()',
    '(() => { while (true) new Error("x") })()',
    '(() => { let i = 0; while (true) $now.setLocale("fr").toLocaleString({ minute: "numeric", fractionalSecondDigits: 1 + i++ % 3 }) })()',
    '(() => { let i = 0; while (true) DateTime.local({ zone: "x" + i++ }) })()',
    '"a".repeat(300000).match(/a[^]*?b|a/g)',
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
