import { WeConnectError } from '@weconnect/contracts/errors'
import type { NodeDefinition } from '@weconnect/contracts/node'
import type { NodeType } from './sdk/node.ts'
import type { NodeRegistry } from './sdk/registry.ts'

const forbidden = new Set(['__proto__', 'constructor', 'prototype'])
const isName = (name: string): boolean =>
  /^[@A-Za-z0-9][@A-Za-z0-9._/-]*$/.test(name) && !name.split(/[./]/).some((part) => forbidden.has(part))

const problemsOf = ({ name, versions, properties, displayName }: NodeDefinition): readonly string[] => [
  ...(isName(name) ? [] : ['its name is not allowed']),
  ...(displayName ? [] : ['it has no display name']),
  ...(versions.length > 0 && versions.every((version, index) => version > (versions[index - 1] ?? 0)) ? [] : ['its versions must ascend']),
  ...properties
    .filter((property) => !property.name || forbidden.has(property.name))
    .map((property) => `property "${property.name}" is not allowed`),
  ...properties.filter((property) => property.default === undefined).map((property) => `property "${property.name}" has no default`),
]

const assertValid = ({ definition }: NodeType): void => {
  const problems = problemsOf(definition)
  if (problems.length > 0) throw new WeConnectError('INVALID_INPUT', `node type "${definition.name}": ${problems.join('; ')}`)
}

const byVersion = (types: readonly NodeType[]): ReadonlyMap<string, ReadonlyMap<number, NodeType>> => {
  const table = new Map<string, Map<number, NodeType>>()
  for (const type of types) {
    assertValid(type)
    const versions = table.get(type.definition.name) ?? new Map<number, NodeType>()
    table.set(type.definition.name, versions)
    for (const version of type.definition.versions) {
      if (versions.has(version))
        throw new WeConnectError('INVALID_INPUT', `node type "${type.definition.name}" has two definitions of version ${version}`)
      versions.set(version, type)
    }
  }
  return table
}

/**
 * A registry over these types; several types may share a name when they serve different versions.
 * @throws WeConnectError INVALID_INPUT naming the type whose definition is not valid
 */
export const openNodeRegistry = (types: readonly NodeType[]): NodeRegistry => {
  const table = byVersion(types)
  return {
    find: (type, version) => table.get(type)?.get(version),
    versionsOf: (type) => [...(table.get(type)?.keys() ?? [])].sort((a, b) => a - b),
    all: () => types,
  }
}
