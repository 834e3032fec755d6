import { isWeConnectError, WeConnectError } from '@weconnect/contracts/errors'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { NodeType } from '../sdk/node.ts'
import { collection, group, groups, show, text, toggle } from '../sdk/property.ts'
import { prepareParameters } from './prepare.ts'
import { resolveParameter } from './resolve.ts'

const type: NodeType = {
  definition: {
    name: 'test.node',
    displayName: 'Test',
    description: '',
    category: 'custom',
    versions: [1],
    properties: [
      text('Mode', 'mode', 'a'),
      text('Of A', 'value', 'default of a', show({ mode: ['a'] })),
      text('Of B', 'value', 'default of b', show({ mode: ['b'] })),
      collection('Options', 'options', [toggle('Dot Notation', 'dotNotation', true)]),
      groups('Fields', 'fields', [group('Values', 'values', [text('Name', 'name'), text('Value', 'value')])], { many: true }),
    ],
    inputs: [],
    outputs: [],
    effects: 'pure',
  },
  execute: async () => [],
  validate: () => [],
}
const never = (): never => {
  throw new Error('nothing is to be evaluated')
}

test('a constant comes back as the same object, with nothing evaluated', () => {
  const prepared = prepareParameters(type, { fields: { values: [{ name: 'n', value: 'v' }] } }, 1)
  const first = prepared.get('fields', 0, never)
  expect(first).toEqual({ values: [{ name: 'n', value: 'v' }] })
  expect(prepared.get('fields', 7, never)).toBe(first)
  expect(prepared.getEach('fields', { from: 0, to: 2 }, never)[1]).toBe(first)
  expect(prepared.isConstant('fields')).toBe(true)
})

test('of two properties with one name, the default of the one that shows counts', () => {
  expect(prepareParameters(type, { mode: 'b' }, 1).get('value', 0, never)).toBe('default of b')
  expect(prepareParameters(type, {}, 1).get('value', 0, never)).toBe('default of a')
})

test('a path reads into a collection', () => {
  expect(prepareParameters(type, { options: { dotNotation: false } }, 1).get('options.dotNotation', 0, never)).toBe(false)
})

test('expressions are evaluated where they stand, for the item that is asked for', () => {
  const prepared = prepareParameters(
    type,
    {
      fields: {
        values: [
          { name: 'n', value: '=x' },
          { name: 'm', value: 'x' },
        ],
      },
    },
    1,
  )
  const evaluate = (source: string, item: number) => `${source}@${item}`
  expect(prepared.getEach('fields', { from: 0, to: 2 }, evaluate)[1]).toEqual({
    values: [
      { name: 'n', value: '=x@1' },
      { name: 'm', value: 'x' },
    ],
  })
  expect(prepared.raw('fields')).toEqual({
    values: [
      { name: 'n', value: '=x' },
      { name: 'm', value: 'x' },
    ],
  })
})

test('a failed expression names node, parameter and item', () => {
  const prepared = prepareParameters(type, { value: '=boom' }, 1, 'My node')
  try {
    prepared.get('value', 3, () => {
      throw new Error('boom')
    })
    expect.unreachable()
  } catch (error) {
    expect(isWeConnectError(error, 'EXPRESSION_FAILED')).toBe(true)
    expect((error as WeConnectError).problems).toMatchObject([{ node: 'My node', parameter: 'value', item: 3, message: 'boom' }])
  }
})

test('the code of an evaluation that ran out of budget stays', () => {
  const prepared = prepareParameters(type, { value: '=loop' }, 1)
  const evaluate = () => {
    throw new WeConnectError('EXPRESSION_BUDGET', 'too much')
  }
  expect(() => prepared.get('value', 0, evaluate)).toThrow(expect.objectContaining({ code: 'EXPRESSION_BUDGET' }))
})

test('what an expression gives is data: it is never evaluated again', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      const results: unknown[] = []
      const evaluate = () => {
        results.push(value)
        return `={{ ${JSON.stringify(value)} }}`
      }
      const resolved = resolveParameter({ a: '=first', b: ['=second', 'plain'] }, 0, evaluate)
      const given = `={{ ${JSON.stringify(value)} }}`
      expect(resolved).toEqual({ a: given, b: [given, 'plain'] })
      expect(results).toHaveLength(2)
    }),
  )
})
