import { WeConnectError } from '@weconnect/contracts/errors'
import type { Item } from '@weconnect/contracts/items'
import type { NodeContext, NodeType } from '../../sdk/node.ts'
import { main } from '../../sdk/ports.ts'
import { collection, show, since, text, toggle } from '../../sdk/property.ts'
import { textOf } from '../httpRequest/answer.ts'
import { asNames, asObject, asText, type Columns, continues, failedItem, nodeFailure, readColumns } from '../per-item.ts'
import { feedItems, feedRequest, isWebAddress } from './feed.ts'

const readFeed = async (context: NodeContext, columns: Columns, index: number): Promise<readonly Item[]> => {
  const url = asText(columns('url', index)).trim()
  const options = asObject(columns('options', index))
  if (url === '') throw nodeFailure(context, 'The parameter "URL" has to be set!', 'url', index)
  if (!isWebAddress(url)) throw nodeFailure(context, 'The provided "URL" is not valid!', 'url', index)
  const answer = await context.http({
    ...feedRequest(url),
    ...(options['ignoreSSL'] === true ? { allowUnauthorizedCerts: true } : {}),
  })
  if (answer.status >= 300) throw nodeFailure(context, `Status code ${answer.status}`, 'url', index)
  try {
    return (await feedItems(textOf(answer), asNames(options['customFields']))).map((item) => ({ ...item, pairedItem: { item: index } }))
  } catch (error) {
    if (error instanceof WeConnectError) throw error
    throw nodeFailure(context, `The feed cannot be read: ${error instanceof Error ? error.message : error}`, 'url', index)
  }
}

/** Reads feeds: RSS 0.9, 1 and 2, and Atom. Version 1 reads one, later versions one for each item. */
export const rssFeedRead: NodeType = {
  definition: {
    name: 'n8n-nodes-base.rssFeedRead',
    displayName: 'RSS Read',
    description: 'Reads data from an RSS Feed',
    category: 'data',
    color: '#b02020',
    versions: [1, 1.1, 1.2],
    properties: [
      text('URL', 'url', '', { required: true }),
      collection('Options', 'options', [
        text('Custom Fields', 'customFields', '', show({ '@version': [since(1.2)] })),
        toggle('Ignore SSL Issues (Insecure)', 'ignoreSSL'),
      ]),
    ],
    inputs: main,
    outputs: main,
    effects: 'external',
  },
  execute: async (context) => {
    const { length } = await context.items()
    const count = context.node.typeVersion < 1.1 ? Math.min(length, 1) : length
    const columns = await readColumns(context, ['url', 'options'], length)
    const items: Item[] = []
    for (let index = 0; index < count; index++) {
      try {
        items.push(...(await readFeed(context, columns, index)))
      } catch (error) {
        if (!continues(context)) throw error
        items.push(failedItem(error, index))
      }
    }
    return [items]
  },
  validate: ({ url }) => (asText(url).trim() === '' ? [{ parameter: 'url', message: 'Parameter "URL" is required' }] : []),
}
