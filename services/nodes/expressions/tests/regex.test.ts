import { describe, expect, test } from 'vitest'
import { isLinear } from '../patterns/linear-regex.ts'
import { withoutIgnoreCase } from '../patterns/regex-case.ts'
import { patternCost, safeLength } from '../patterns/regex-cost.ts'
import { noRun } from '../run-data/no-run.ts'
import type { PatternQuery, RunScope } from '../scope.ts'
import { resultOf } from './scope.ts'

const evil = 'a'.repeat(5_000)

describe('every method that takes a pattern ends on an adversarial one', () => {
  test.each([
    '/(a+)+$/.test($json.t)',
    '/(a+)+$/i.test($json.t)',
    '/(A|a)*b/i.exec($json.t)',
    '$json.t.match(/(a+)+$/)',
    '$json.t.match(/(a*)*b/g)',
    '$json.t.matchAll(/(a|aa)+$/g).length',
    '$json.t.replace(/(a+)+$/, "x").length',
    '$json.t.replaceAll(/(a+)+$/g, "x").length',
    '$json.t.search(/(a+)+$/)',
    '$json.t.split(/(a+)+$/).length',
    'new RegExp("(a+)+$").test($json.t)',
    '$json.t.match("(a+)+$")',
    '$json.t.search("(a|a)*$")',
    '$json.t.extractEmail()',
    '$json.t.extractUrl()',
    '$json.t.extractDomain()',
    '$json.t.isEmail()',
    '$json.t.removeMarkdown().length',
    '("<".repeat(5000)).removeTags().length',
    '("*".repeat(5000) + "a").removeMarkdown().length',
    '$json.t.toSnakeCase().length',
    '$json.t.toSentenceCase().length',
    '$json.t.toDateTime("sSsSsSsSsSsSsSsSsSsSsSsSsS")',
  ])('%s', (code) => {
    // The answer does not matter; a pattern that backtracks for ever would end the test by its time limit.
    expect(() => {
      try {
        resultOf(`={{ ${code} }}`, { t: `${evil}!` })
      } catch (error) {
        if ((error as { code?: string }).code === undefined) throw error
      }
    }).not.toThrow()
  })
})

describe('patterns that the linear engine cannot run', () => {
  test('are refused when they repeat what is ambiguous', () =>
    expect(() => resultOf('={{ /(?=(a+)+$)/.test("aaa") }}')).toThrow('exponential'))
  test('run on short texts otherwise', () =>
    expect(resultOf('={{ "1234567".replace(/\\B(?=(\\d{3})+(?!\\d))/g, ",") }}')).toBe('1,234,567'))
  test('are refused on long ones', () =>
    expect(() => resultOf('={{ /(?=.*x)(?=.*y)a/.test($json.t) }}', { t: evil })).toThrow(
      expect.objectContaining({ code: 'EXPRESSION_BUDGET' }),
    ))
})

describe('patterns that could take long are run elsewhere, by every method that takes one', () => {
  const text = `${'ab '.repeat(400)}x`
  const native: NonNullable<RunScope['matches']> = ({ source, flags, text, from, all }) => {
    const pattern = new RegExp(source, flags)
    pattern.lastIndex = from
    const found = all ? [...text.matchAll(pattern)] : [pattern.exec(text) ?? []].flatMap((match) => ('index' in match ? [match] : []))
    return found.map((match) => ({
      index: match.index,
      words: [...match].map((word) => word ?? null),
      groups: match.groups ? { ...match.groups } : null,
    }))
  }
  const asking = (code: string) => {
    const asked: PatternQuery[] = []
    const matches: typeof native = (query) => {
      asked.push(query)
      return native(query)
    }
    return { value: resultOf(`={{ ${code} }}`, { t: text }, { run: { ...noRun, matches } }), asked }
  }
  // (?=(a+)+b) is exponential where no b follows; the lookbehind and the backreference are no better.
  test.each([
    ['/(?=(a+)+b)a/.test($json.t)', true],
    ['/(?=(a+)+b)(?<letter>a)/.exec($json.t).groups.letter', 'a'],
    ['$json.t.match(/(?<=(a+)+)b/g).length', 400],
    ['$json.t.match(/(?<=(a+)+)b/).index', 1],
    ['[...$json.t.matchAll(/(?=(a+)+b)a/g)].length', 400],
    ['$json.t.replace(/(?=(a+)+b)a/, "-").slice(0, 4)', '-b a'],
    ['$json.t.replaceAll(/(a)(?=(b)+)/g, (all, a, b, at) => "<" + at + ">").slice(0, 9)', '<0>b <3>b'],
    ['$json.t.search(/(?=(x+)+$)x/)', 1200],
    ['$json.t.split(/ (?=(a+)+b)/).length', 799],
    ['new RegExp("(a|b)(?=(a|b)+ )\\\\1?").test($json.t)', true],
    ['(() => { const p = /(?=(a+)+b)a/g; p.test($json.t); p.test($json.t); return p.lastIndex })()', 4],
  ])('%s', (code, expected) => {
    const { value, asked } = asking(code)
    expect(value).toEqual(expected)
    expect(asked.length).toBeGreaterThan(0)
  })
  test('what is quick here stays here', () => expect(asking('/(?=.*x)a/.test("ax") && /b+/.test($json.t)').asked).toEqual([]))
})

test('a pattern shows as it was written', () =>
  expect(resultOf('={{ [String(/aB/gi), /aB/i.source, /aB/gi.flags, /a/i.ignoreCase] }}')).toEqual(['/aB/gi', 'aB', 'gi', true]))

test.each([
  ['aB1', '[aA][bB]1'],
  ['[a-cX]\\d', '[a-cXA-Cx]\\d'],
  ['(?<name>x)', '(?<name>[xX])'],
])('%s without the flag i is %s', (pattern, widened) => {
  expect(withoutIgnoreCase(pattern)).toBe(widened)
  expect(isLinear(widened, '')).toBe(true)
})

test.each([
  ['a+b*c', { repeats: 2, choices: 0, nested: false }],
  ['(a+)+', { repeats: 2, choices: 0, nested: true }],
  ['(a|b)*', { repeats: 1, choices: 1, nested: true }],
  ['(\\d{3})+', { repeats: 1, choices: 0, nested: false }],
  ['\\(+[)+]?', { repeats: 1, choices: 1, nested: false }],
])('the cost of %s', (pattern, cost) => expect(patternCost(pattern)).toEqual(cost))

test('an exponential pattern has no safe length', () => expect(safeLength({ repeats: 1, choices: 0, nested: true })).toBe(0))
