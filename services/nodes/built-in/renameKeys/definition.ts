import type { NodeDefinition } from '@weconnect/contracts/node'
import { main } from '../../sdk/ports.ts'
import { collection, group, groups, number, text, toggle } from '../../sdk/property.ts'

const key = group('Key', 'key', [text('Current Key Name', 'currentKey'), text('New Key Name', 'newKey')])
const replacement = group('Replacement', 'replacements', [
  text('Regular Expression', 'searchRegex'),
  text('Replace With', 'replaceRegex'),
  collection('Options', 'options', [toggle('Case Insensitive', 'caseInsensitive', false), number('Max Depth', 'depth', -1)]),
])

export const definition: NodeDefinition = {
  name: 'n8n-nodes-base.renameKeys',
  displayName: 'Rename Keys',
  description: 'Update item field names',
  category: 'data',
  versions: [1],
  properties: [
    groups('Keys', 'keys', [key], { many: true }),
    collection('Additional Options', 'additionalOptions', [groups('Regex', 'regexReplacement', [replacement], { many: true })]),
  ],
  inputs: main,
  outputs: main,
  effects: 'pure',
}
