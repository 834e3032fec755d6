import { WeConnectError } from '@weconnect/contracts/errors'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { compileExpression } from '../expression.ts'
import { scopeOf } from './scope.ts'

/** More in `./weconnect test --long`. */
const many = (runs: number): number => (process.env['WECONNECT_LONG'] === '1' ? runs * 20 : runs)

const name = fc.constantFrom(
  'a',
  'b',
  '$json',
  '$input',
  '$now',
  'Math',
  'Object',
  'Array',
  'JSON',
  'String',
  'DateTime',
  'this',
  'undefined',
  'process',
  'constructor',
)
const key = fc.constantFrom(
  'a',
  'list',
  'length',
  'map',
  'sort',
  'push',
  'call',
  'constructor',
  '__proto__',
  'toString',
  'keys',
  'item',
  'values',
  'replace',
  'plus',
  'first',
  'merge',
)
const literal = fc.constantFrom('1', '"a"', '"constructor"', 'null', '[]', '({})', '/a+/g', '1n', '`x`', '-0', 'NaN', '""')

/** Programs of the grammar and a little beyond it. */
const { expression } = fc.letrec<{ expression: string; statement: string }>((tie) => ({
  expression: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    literal,
    name,
    fc.tuple(tie('expression'), key).map(([object, member]) => `${object}.${member}`),
    fc.tuple(tie('expression'), key).map(([object, member]) => `${object}?.${member}`),
    fc.tuple(tie('expression'), tie('expression')).map(([object, member]) => `${object}[${member}]`),
    fc.tuple(tie('expression'), tie('expression')).map(([callee, argument]) => `(${callee})(${argument})`),
    fc.tuple(tie('expression'), key, tie('expression')).map(([object, member, argument]) => `(${object}).${member}(${argument})`),
    fc
      .tuple(
        tie('expression'),
        fc.constantFrom('+', '-', '*', '**', '==', '===', '<', '&&', '||', '??', 'in', 'instanceof'),
        tie('expression'),
      )
      .map(([left, operator, right]) => `((${left}) ${operator} (${right}))`),
    tie('expression').map((body) => `((a, b) => (${body}))`),
    fc.tuple(tie('statement'), tie('expression')).map(([line, value]) => `(() => { ${line}; return ${value} })()`),
    fc.tuple(tie('expression'), tie('expression')).map(([left, right]) => `[...(${left}), ${right}]`),
    fc.tuple(key, tie('expression'), tie('expression')).map(([member, value, rest]) => `({ ${member}: ${value}, ...(${rest}) })`),
    fc.tuple(tie('expression'), key, tie('expression')).map(([object, member, value]) => `((${object}).${member} = (${value}))`),
    fc
      .tuple(fc.constantFrom('typeof ', '!', '-', 'delete ', 'new ', 'void '), tie('expression'))
      .map(([operator, operand]) => `(${operator}${operand})`),
  ),
  statement: fc.oneof(
    { depthSize: 'small' },
    fc.tuple(fc.constantFrom('let', 'const', 'var'), tie('expression')).map(([kind, value]) => `${kind} a = ${value}`),
    fc.tuple(tie('expression')).map(([value]) => `for (const b of ${value}) { b }`),
    fc.tuple(tie('expression'), tie('statement')).map(([test_, line]) => `if (${test_}) { ${line} }`),
    fc.tuple(tie('statement'), tie('statement')).map(([line, other]) => `try { ${line} } catch (e) { ${other} } finally { 1 }`),
    tie('expression').map((value) => `throw ${value}`),
    tie('expression').map((value) => `const { a, ...b } = ${value}`),
    tie('expression').map((value) => `while (${value}) { 1 }`),
  ),
}))

/** Everything an escape would have to change. */
const world = () =>
  [globalThis, Object.prototype, Array.prototype, Function.prototype, String.prototype, Object, Math, JSON].map((each) =>
    Reflect.ownKeys(each),
  )

const scope = scopeOf({ a: 1, list: [3, 1, 2], text: 'constructor' })
const evaluate = (text: string): unknown => {
  try {
    return JSON.stringify(compileExpression(text).evaluate(scope))
  } catch (error) {
    if (!(error instanceof WeConnectError)) throw error
    return error.code
  }
}

test('any program gives JSON or a coded error, the same again, and touches nothing', () => {
  const before = world()
  fc.assert(
    fc.property(expression, (code) => {
      const text = `={{ ${code.replaceAll('}}', '\\}}')} }}`
      const first = evaluate(text)
      expect(evaluate(text)).toEqual(first)
    }),
    { numRuns: many(600) },
  )
  expect(world()).toEqual(before)
})

test('any text at all gives a value or a coded error', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => void evaluate(`={{${text}}}`)),
    { numRuns: many(1_000) },
  )
  fc.assert(
    fc.property(
      fc.string({ unit: fc.constantFrom(...'{}()[]=>`$"\'\\/+-.,;:?!&|*a1 \n') }),
      (text) => void evaluate(`=${text}{{${text}}}`),
    ),
    { numRuns: many(1_000) },
  )
})

/** Programs that use nothing but the language, and end: the host's own answer is the oracle. */
const { pure } = fc.letrec<{ pure: string }>((tie) => {
  const two = fc.tuple(tie('pure'), tie('pure'))
  return {
    pure: fc.oneof(
      { depthSize: 'small', withCrossShrink: true },
      fc.constantFrom(
        '0',
        '1',
        '-2.5',
        '7',
        '"a"',
        '"3"',
        '""',
        'null',
        'undefined',
        'true',
        '[1, "b", null]',
        '({ k: 1, l: "x" })',
        'NaN',
      ),
      fc.constantFrom('$json.n', '$json.text', '$json.list', '$json.deep', '$json.none'),
      fc
        .tuple(two, fc.constantFrom('+', '-', '*', '/', '%', '===', '!==', '==', '<', '>=', '&&', '||', '??', '&', '<<', '>>>'))
        .map(([[left, right], operator]) => `((${left}) ${operator} (${right}))`),
      fc.tuple(tie('pure'), two).map(([test_, [yes, no]]) => `((${test_}) ? (${yes}) : (${no}))`),
      tie('pure').map((value) => `(typeof (${value}))`),
      tie('pure').map((value) => `(!(${value}))`),
      two.map(([left, right]) => `[${left}, ...[${right}]]`),
      two.map(([left, right]) => `({ k: ${left}, ...({ l: ${right} }) })`),
      fc.tuple(tie('pure'), fc.constantFrom('k', 'l', '0', '1')).map(([object, key]) => `(${object})?.["${key}"]`),
      two.map(([left, right]) => `\`\${${left}}-\${${right}}\``),
      two.map(([value, body]) => `((a) => [a, ${body}])(${value})`),
      two.map(
        ([value, body]) =>
          `(() => { const [a, b = ${body}] = [${value}]; let c = 0; for (const x of [a, b]) { if (x) c++ } return [a, b, c] })()`,
      ),
      two.map(([left, right]) => `[${left}, ${right}].map((x, i) => [x, i]).filter(([x]) => x !== null)`),
      two.map(([left, right]) => `(() => { try { if (${left}) throw ${right}; return 1 } catch (e) { return [e] } finally { 2 } })()`),
      two.map(([left, right]) => `(() => { switch (${left}) { case ${right}: return "same"; default: return "other" } })()`),
      tie('pure').map((value) => `String(${value}).slice(0, 20).toUpperCase().split("A")`),
      two.map(([left, right]) => `[${left}, ${right}].reduce((all, x) => all.concat(x), [])`),
      tie('pure').map((value) => `Object.entries({ v: ${value} }).flat().length`),
      tie('pure').map((value) => `Number(${value})`),
    ),
  }
})

const sample = { n: 3, text: 'Banana', list: [1, 'two', null], deep: { k: { l: 2 } } }
const sampleScope = scopeOf(sample)

test('a program of the language alone gives what the host gives', () => {
  fc.assert(
    fc.property(pure, (code) => {
      let expected: unknown
      try {
        expected = new Function('$json', `return [${code}]`)(structuredClone(sample))
      } catch {
        expected = [undefined]
      }
      const ours = compileExpression(`={{ [${code.replaceAll('}}', '} }')}] }}`).evaluate(sampleScope) ?? [undefined]
      expect(JSON.stringify(ours)).toBe(JSON.stringify(expected))
    }),
    { numRuns: many(2_000) },
  )
})
