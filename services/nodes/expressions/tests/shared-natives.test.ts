import { describe, expect, test } from 'vitest'
import { compileExpression } from '../expression.ts'
import { constants } from '../globals/constants.ts'
import { variables } from '../globals/variables.ts'
import { noRun } from '../run-data/no-run.ts'
import { Facade, type Members, type MemberTable, Native } from '../values.ts'
import { resultOf, scopeOf } from './scope.ts'

/** Facades and natives are made once, for all evaluations of all organisations: decision 25. */
const names = [...constants.keys(), ...variables.keys()].filter((name) => !['undefined', 'NaN', 'Infinity'].includes(name))

/** Every facade and native that a constant leads to. */
const shared = (): readonly (Facade | Native)[] => {
  const found = new Set<Facade | Native>()
  const visit = (value: unknown): void => {
    if (!(value instanceof Facade || value instanceof Native) || found.has(value)) return
    found.add(value)
    const table: Members = value instanceof Facade ? value.members : value.statics
    if (!(table.properties instanceof Map)) return
    for (const read of (table as MemberTable).properties.values()) visit(tryToRead(read))
  }
  const tryToRead = (read: (evaluation: never, self: unknown) => unknown): unknown => {
    try {
      return read({ scope: scopeOf({}) } as never, undefined)
    } catch {
      return undefined
    }
  }
  for (const value of constants.values()) visit(value)
  return [...found]
}

test('each is frozen, and holds nothing that can be changed', () => {
  const all = shared()
  expect(all.length).toBeGreaterThan(40)
  for (const value of all) {
    expect(Object.isFrozen(value)).toBe(true)
    for (const held of Object.values(value))
      expect(typeof held === 'object' && held !== null && !isTable(held) && !Object.isFrozen(held)).toBe(false)
  }
})
/** Reached by our own look-ups only: neither is ever a value of an expression. */
const isTable = (held: object): boolean => 'methods' in held || Array.isArray(held)

const looks = [
  'typeof v',
  'v.name',
  'Object.keys(v)',
  'v.evil',
  'v.id',
  'v.mode',
  'v.PI',
  'typeof v.map',
  'typeof v.keys',
  'typeof v.call',
  'typeof v.all',
]

/** What a later evaluation sees of a name, one look after the other. */
const seenOf = (name: string): readonly string[] =>
  looks.map((look) => {
    try {
      return JSON.stringify(resultOf(`={{ ((v) => ${look})(${name}) }}`)) ?? 'undefined'
    } catch (error) {
      return String(error)
    }
  })

test('the looks see something', () => {
  expect(seenOf('$workflow')).toEqual(expect.arrayContaining(['["id","name","active"]', '"w1"', 'undefined']))
  expect(seenOf('Math')).toContain(String(Math.PI))
})

describe('what one evaluation does to them, no other sees', () => {
  const attacks = [
    (v: string) => `${v}.evil = 1`,
    (v: string) => `${v}['ev' + 'il'] = () => 'evil'`,
    (v: string) => `${v}.name = 'evil'`,
    (v: string) => `${v}.keys = () => ['evil']`,
    (v: string) => `${v}.id = 'evil'`,
    (v: string) => `${v}.members = {}`,
    (v: string) => `${v}.target = { evil: 1 }`,
    (v: string) => `${v}.listed.push('evil')`,
    (v: string) => `${v}.statics.methods.set('evil', 1)`,
    (v: string) => `${v}.call = () => 'evil'`,
    (v: string) => `delete ${v}.name`,
    (v: string) => `delete ${v}.members`,
    (v: string) => `Object.assign(${v}, { evil: 1, name: 'evil' })`,
    (v: string) => `Object.defineProperty(${v}, 'evil', { value: 1 })`,
    (v: string) => `Object.setPrototypeOf(${v}, { evil: 1 })`,
    (v: string) => `[].push.call(${v}, 'evil')`,
    (v: string) => `[].sort.apply(${v})`,
    (v: string) => `((v) => { v.evil = 1; return v })(${v})`,
    (v: string) => `(() => { [${v}.evil] = [1] })()`,
    (v: string) => `(() => { ({ a: ${v}.evil } = { a: 1 }) })()`,
    (v: string) => `${v}.evil ??= 1`,
    (v: string) => `${v}.PI++`,
    (v: string) => `(() => { const o = { ...${v} }; o.evil = 1; o.keys?.push?.('evil'); return o })()`,
    (v: string) => `Object.keys(${v}).push('evil')`,
    (v: string) => `Object.entries(${v}).forEach((e) => { e[1] = 'evil' })`,
    (v: string) => `(() => { const f = ${v}.map ?? ${v}.all ?? ${v}; f.evil = 1; f.name = 'evil' })()`,
    (v: string) => `[${v}].map((v) => { v.evil = 1 })`,
    (v: string) => `new Map([[${v}, 1]]).forEach((_, v) => { v.evil = 1 })`,
  ]
  test.each(names)('%s', (name) => {
    const before = seenOf(name)
    let refused = 0
    for (const attack of attacks) {
      try {
        resultOf(`={{ ${attack(name)} }}`)
      } catch {
        refused += 1
      }
      expect(seenOf(name), attack(name)).toEqual(before)
    }
    expect(refused).toBeGreaterThan(0)
  })
})

test('an evaluation in the middle of another one sees its own run, through the same facades', () => {
  const text =
    "={{ [$workflow.id, $execution.id, $execution.customData.get('who'), $json.who, $input.first().json.who, $vars.who, $('X').first().json.who, $workflow.id, $json.who].join() }}"
  const own = (who: string, outputOf = () => [{ json: { who } }]) =>
    scopeOf(
      { who },
      {
        workflow: { id: who, name: who, active: true },
        execution: { id: who, mode: 'test', customData: { who } },
        variables: { who },
        run: { ...noRun, hasNode: () => true, lastRunOf: () => 0, outputOf },
      },
    )
  const nested: unknown[] = []
  const outer = own('a', () => {
    nested.push(compileExpression(text).evaluate(own('b')))
    return [{ json: { who: 'a' } }]
  })
  expect(compileExpression(text).evaluate(outer)).toBe(Array(9).fill('a').join())
  expect(nested.length).toBeGreaterThan(0)
  expect(new Set(nested)).toEqual(new Set([Array(9).fill('b').join()]))
})

test('none of them comes out of an evaluation', () => {
  for (const name of names) {
    let result: unknown
    try {
      result = resultOf(`={{ [${name}, { v: ${name} }] }}`)
    } catch {
      continue
    }
    expect(JSON.stringify(result) ?? '').not.toMatch(/members|statics|isInstance/)
    const values = JSON.parse(JSON.stringify(result ?? null)) as unknown
    expect(values, name).toEqual(result ?? null)
  }
})
