// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the snippets are source text
import { expect, test } from 'vitest'
import { resultOf } from './scope.ts'

/** The host's own answer is the oracle: these snippets use nothing but the language. */
const oracle = (code: string): unknown => JSON.parse(JSON.stringify({ value: new Function(`return (${code})`)() }))

test.each([
  '1 + 2 * 3 ** 2 % 5',
  '"a" + 1 + null + undefined + true',
  '[] + {}',
  '[1,2] + [3]',
  '1 < 2 && "b" > "a" || null',
  'null ?? "x"',
  '[1 == "1", null == undefined, null == 0, [1] == 1, "" == 0, NaN == NaN, ({}) == "[object Object]"]',
  '[typeof 1, typeof "a", typeof null, typeof undefined, typeof (() => 1), typeof nothing]',
  '[~5, -"3", +true, !0, void 0, 5 >>> 1, -5 >> 1, 1 << 4, 6 & 3, 6 | 3, 6 ^ 3]',
  '((a, b = a + 1, ...c) => [a, b, c])(1, undefined, 3, 4)',
  '(({ a, b: { c = 5 } = {}, ...rest }) => [a, c, rest])({ a: 1, x: 2, y: 3 })',
  '(([a, , b = 3, ...c]) => [a, b, c])([1, 2, undefined, 4, 5])',
  '(() => { let a = 1, b = 2; [a, b] = [b, a]; return [a, b] })()',
  '(() => { const o = { a: 1 }; o.b = 2; o["c"] = o.a++ + ++o.b; delete o.a; return o })()',
  '(() => { const o = {}; ({ x: o.p, y: o.q } = { x: 1, y: 2 }); return o })()',
  '(() => { let s = 0; for (let i = 0; i < 5; i++) { if (i === 1) continue; if (i === 4) break; s += i } return s })()',
  '(() => { const f = []; for (let i = 0; i < 3; i++) f.push(() => i); return f.map((g) => g()) })()',
  '(() => { const f = []; for (const x of [1, 2, 3]) f.push(() => x * 2); return f.map((g) => g()) })()',
  '(() => { var f = []; for (var i = 0; i < 3; i++) f.push(() => i); return f.map((g) => g()) })()',
  '(() => { if (true) { var v = 1 } return v })()',
  '(() => { let n = 0; while (true) { if (++n > 3) return n } })()',
  '(() => { let n = 0; do { n++ } while (n < 3); return n })()',
  '(() => { switch (2) { case 1: return "a"; case 2: case 3: return "b"; default: return "c" } })()',
  '(() => { let r = ""; switch (9) { default: r += "d"; case 1: r += "1"; break; case 2: r += "2" } return r })()',
  '(() => { try { throw new Error("x") } catch ({ message }) { return message } finally { } })()',
  '(() => { try { return 1 } finally { return 2 } })()',
  '(() => { let log = []; try { log.push(1); null.x } catch { log.push(2) } finally { log.push(3) } return log })()',
  '(() => { try { try { throw 1 } finally { } } catch (e) { return e } })()',
  '(function fact(n) { return n < 2 ? 1 : n * fact(n - 1) })(10)',
  '(() => { return f(3); function f(n) { return n * 2 } })()',
  '(() => { const counter = () => { let c = 0; return () => ++c }; const a = counter(); a(); return [a(), counter()()] })()',
  '[..."héy", ...new Set([1, 1, 2])]',
  '({ ...{ a: 1, b: 2 }, ...[9], ..."hi", b: 3 })',
  '`a${1 + 1}b${`c${3}`}`',
  'String.raw`a\\n${1}`',
  '({ a: { b: null } })?.a?.b?.c.d.e',
  '(null)?.x[1].y()',
  '[({ f: (x) => x + 1 }).f(1), ({ f: null }).f?.(1), ({}).f?.(1)]',
  '(1, 2, 3)',
  '((x) => { x ||= 5; x &&= x + 1; let y = null; y ??= x; return y })(0)',
  '"a-b_c".split(/[-_]/).map((p, i) => i ? p[0].toUpperCase() : p).join("")',
  '"x1y22".replace(/\\d+/g, (m) => `<${m}>`)',
  '"John Smith".replace(/(?<first>\\w+) (\\w+)/, "$2 $<first> $& $$ $1")',
  '[..."a1b2".matchAll(/[a-z](\\d)/g)].map((m) => [m[0], m[1], m.index])',
  '"aBc".match(/b/i).index',
  '["a,b,,c".split(",", 3), "abc".split(""), "".split(","), "".split(/x*/), "aXbX".split(/(X)/)]',
  '[3, 1, 2].sort().concat([4], 5).reverse()',
  '[3, 10, 2].sort()',
  '[{ n: 2 }, { n: 1 }].toSorted((a, b) => a.n - b.n)',
  '[1, 2, 3, 4].reduce((a, b) => a + b)',
  '[[1, [2]], [3]].flat(Infinity)',
  '[1, 2, 3].flatMap((x) => [x, x])',
  '[1, 2, 3].findLast((x) => x < 3)',
  '[...[5, 6].entries()].map(([i, v]) => i + v)',
  '["1", "2", "3"].map(Number).filter(Boolean).some((x) => x > 2)',
  'Object.entries({ a: 1, b: 2 }).map(([k, v]) => k + v)',
  'Object.fromEntries([["a", 1]])',
  'Object.assign({}, { a: 1 }, null, { b: 2 })',
  'Object.groupBy([1, 2, 3], (x) => x % 2 ? "odd" : "even")',
  'Array.from({ length: 3 }, (_, i) => i * i)',
  'JSON.stringify({ a: undefined, b: () => 1, c: [undefined, NaN], d: new Date(0) }, null, 2)',
  'JSON.parse(\'{"a":[1,{"b":null}]}\')',
  'Math.max(...[1, 5, 3]) + Math.round(2.5) + Math.PI',
  '[parseInt("12px"), parseFloat("1.5e3x"), isNaN("a"), (12.345).toFixed(1), (255).toString(16)]',
  '[new Map([[1, "a"]]).get(1), [...new Map([[1, 2]]).entries()], new Set([1, 2]).has(2)]',
  'new Date("2024-01-02T03:04:05Z").toISOString()',
  'new Date(Date.UTC(2024, 0, 31)).getTime() - new Date("2024-01-01T00:00:00Z")',
  '(() => { const d = new Date(0); d.setUTCDate(15); return d.toISOString() })()',
  '[new Error("x") instanceof Error, new TypeError("y").name, [] instanceof Array, "a" in { a: 1 }]',
  '[encodeURIComponent("a b&c"), decodeURIComponent("%20"), "ab".padStart(5, "xy"), "abc".at(-1), "abc".substr(-2, 1)]',
  '[new URL("https://a.b/c?d=1#e").searchParams.get("d"), new URLSearchParams({ a: "1 2" }).toString()]',
  '(10n ** 20n).toString()',
  '(() => { const f = (x) => x; f.call(null, 1); return f.apply(null, [2]) + f.bind(null, 3)() })()',
  '((a) => { a.toString = () => "k"; return { k: 1 }[a] })({})',
])('%s', (code) => {
  const { value } = oracle(code) as { value: unknown }
  expect(resultOf(`={{ ${code.replaceAll('}}', '\\}}')} }}`)).toEqual(value)
})

test('what goes wrong inside a block makes it undefined', () => {
  expect(resultOf('={{ $json.a.b.c }}')).toBeUndefined()
  expect(resultOf('=[{{ (() => { throw new Error("x") })() }}]')).toBe('[]')
  expect(resultOf('={{ missing() }}')).toBeUndefined()
})

test('an undeclared name becomes a variable of this evaluation only', () => {
  expect(resultOf('={{ [x = 1, x] }}')).toEqual([1, 1])
  expect(resultOf('={{ x }}')).toBeUndefined()
  expect('x' in globalThis).toBe(false)
})
