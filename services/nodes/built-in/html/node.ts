import type { Item } from '@weconnect/contracts/items'
import type { NodeContext, NodeType } from '../../sdk/node.ts'
import { main } from '../../sdk/ports.ts'
import { choice, collection, show, text, toggle } from '../../sdk/property.ts'
import { eachItem } from '../each-item.ts'
import { extractItem, extractionParameters, extractionProperties } from '../html-extraction.ts'
import { asObject, asText, continues, failedItem } from '../per-item.ts'
import { tableOf } from './table.ts'

const operations = [
  ['Generate HTML Template', 'generateHtmlTemplate'],
  ['Extract HTML Content', 'extractHtmlContent'],
  ['Convert to HTML Table', 'convertToHtmlTable'],
] as const

/** A template is written without a leading `=`; one that has it was evaluated already, and what came of it is data. */
const templateOf = async (context: NodeContext, index: number): Promise<string> => {
  const typed = await context.rawParameter('html')
  if (typeof typed !== 'string' || typed.startsWith('=')) return asText(await context.parameter('html', index))
  return asText(await context.evaluate(`=${typed}`, index))
}

const generate = (context: NodeContext): Promise<readonly Item[]> =>
  eachItem(context, [], async (_item, index) => ({ json: { html: await templateOf(context, index) }, pairedItem: { item: index } }))

const table = async (context: NodeContext): Promise<readonly Item[]> => {
  const items = await context.items()
  if (items.length === 0) return []
  try {
    const options = asObject(await context.parameter('options', 0))
    return [{ json: { table: tableOf(items, options) }, pairedItem: items.map((_, item) => ({ item })) }]
  } catch (error) {
    if (!continues(context)) throw error
    return [failedItem(error, 0)]
  }
}

const extract = (context: NodeContext): Promise<readonly Item[]> =>
  eachItem(context, extractionParameters, (item, index, read) => extractItem(context, item, index, read, context.node.typeVersion > 1.1))

/** Makes HTML of items, or reads values out of HTML. */
export const html: NodeType = {
  definition: {
    name: 'n8n-nodes-base.html',
    displayName: 'HTML',
    description: 'Work with HTML',
    category: 'data',
    versions: [1, 1.1, 1.2],
    properties: [
      choice('Operation', 'operation', operations, 'generateHtmlTemplate', { noDataExpression: true }),
      text('HTML Template', 'html', '', { ...show({ operation: ['generateHtmlTemplate'] }), noDataExpression: true }),
      ...extractionProperties({ operation: ['extractHtmlContent'] }),
      collection(
        'Options',
        'options',
        [
          text('Caption', 'caption'),
          toggle('Capitalize Headers', 'capitalize', false),
          toggle('Custom Styling', 'customStyling', false),
          text('Cell Attributes', 'cellAttributes'),
          text('Header Attributes', 'headerAttributes'),
          text('Row Attributes', 'rowAttributes'),
          text('Table Attributes', 'tableAttributes'),
        ],
        show({ operation: ['convertToHtmlTable'] }),
      ),
    ],
    inputs: main,
    outputs: main,
    effects: 'pure',
  },
  execute: async (context) => {
    const operation = asText(await context.parameter('operation', 0), 'generateHtmlTemplate')
    if (operation === 'extractHtmlContent') return [await extract(context)]
    return [await (operation === 'convertToHtmlTable' ? table(context) : generate(context))]
  },
  validate: () => [],
}
