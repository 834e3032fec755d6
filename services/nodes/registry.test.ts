import type { NodeDefinition } from '@weconnect/contracts/node'
import { describe, expect, test } from 'vitest'
import { builtInNodes } from './built-in/all.ts'
import { openNodeRegistry } from './registry.ts'
import type { NodeType } from './sdk/node.ts'

const typeOf = (definition: Partial<NodeDefinition>): NodeType => ({
  definition: {
    name: 'test.node',
    displayName: 'Test',
    description: '',
    category: 'custom',
    versions: [1],
    properties: [],
    inputs: [],
    outputs: [],
    effects: 'pure',
    ...definition,
  },
  execute: async () => [],
  validate: () => [],
})

describe('registry', () => {
  test('versions of one name may be served by several types', () => {
    const [first, second] = [typeOf({ versions: [1, 1.1] }), typeOf({ versions: [2] })]
    const registry = openNodeRegistry([second, first])
    expect(registry.versionsOf('test.node')).toEqual([1, 1.1, 2])
    expect(registry.find('test.node', 1.1)).toBe(first)
    expect(registry.find('test.node', 2)).toBe(second)
    expect(registry.find('test.node', 3)).toBeUndefined()
  })

  test.each(['__proto__', 'constructor', 'a.__proto__', '', 'a b', '../x'])('the name "%s" is refused', (name) => {
    expect(() => openNodeRegistry([typeOf({ name })])).toThrow(/not allowed/)
  })

  test('names that every object has are no node types', () => {
    const registry = openNodeRegistry([])
    expect(registry.find('__proto__', 1)).toBeUndefined()
    expect(registry.versionsOf('toString')).toEqual([])
  })

  test('a definition that is not valid is refused with what is wrong', () => {
    expect(() => openNodeRegistry([typeOf({ versions: [2, 1] })])).toThrow(/versions must ascend/)
    expect(() => openNodeRegistry([typeOf({}), typeOf({})])).toThrow(/two definitions of version 1/)
    expect(() =>
      openNodeRegistry([typeOf({ properties: [{ displayName: 'P', name: '__proto__', type: 'string', default: '' }] })]),
    ).toThrow(/__proto__/)
  })

  test('the built-in types are valid', () => {
    expect(openNodeRegistry(builtInNodes).versionsOf('n8n-nodes-base.set')).toEqual([1, 2, 3, 3.1, 3.2, 3.3, 3.4])
  })
})
