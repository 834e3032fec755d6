import { WeConnectError } from '@weconnect/contracts/errors'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { compileExpression } from '../expression.ts'
import { scopeOf } from './scope.ts'

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
    { numRuns: 600 },
  )
  expect(world()).toEqual(before)
})

test('any text at all gives a value or a coded error', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => void evaluate(`={{${text}}}`)),
    { numRuns: 1_000 },
  )
  fc.assert(
    fc.property(
      fc.string({ unit: fc.constantFrom(...'{}()[]=>`$"\'\\/+-.,;:?!&|*a1 \n') }),
      (text) => void evaluate(`=${text}{{${text}}}`),
    ),
    { numRuns: 1_000 },
  )
})
