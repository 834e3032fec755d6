import type { NodeType } from '../../sdk/node.ts'
import { main } from '../../sdk/ports.ts'
import { choice, group, groups, notice, show, text } from '../../sdk/property.ts'
import { eachItem } from '../each-item.ts'
import { asObject, asObjects, asText, passOn } from '../per-item.ts'

const entry = group('Saved Field', 'values', [text('Key', 'key'), text('Value', 'value')])
const longestKey = 50
const longestValue = 512

/** Keeps values with the execution, by which it can be found; items pass. */
export const executionData: NodeType = {
  definition: {
    name: 'n8n-nodes-base.executionData',
    displayName: 'Execution Data',
    description: 'Add execution data for search',
    category: 'core',
    color: '#29A568',
    versions: [1, 1.1],
    properties: [
      notice(
        'Save important data using this node. It will be displayed on each execution for easy reference and you can filter by it.',
        'notice',
      ),
      choice('Operation', 'operation', [['Save Highlight Data (for Search/Review)', 'save']], 'save', { noDataExpression: true }),
      groups('Data to Save', 'dataToSave', [entry], { many: true, ...show({ operation: ['save'] }) }),
    ],
    inputs: main,
    outputs: main,
    effects: 'pure',
  },
  execute: async (context) => [
    await eachItem(context, ['dataToSave'], async (item, index, read) => {
      const pairs = asObjects(asObject(read('dataToSave', index))['values']).map(
        ({ key, value }) => [asText(key).slice(0, longestKey), asText(value).slice(0, longestValue)] as const,
      )
      await context.setCustomData(Object.fromEntries(pairs.filter(([key]) => key !== '')))
      return passOn(item, index)
    }),
  ],
  validate: () => [],
}
