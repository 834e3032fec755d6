import type { NodeType } from '../../sdk/node.ts'
import { main } from '../../sdk/ports.ts'
import { choice, number } from '../../sdk/property.ts'
import { passOn } from '../per-item.ts'

/** Keeps the first or the last items. */
export const limit: NodeType = {
  definition: {
    name: 'n8n-nodes-base.limit',
    displayName: 'Limit',
    description: 'Restrict the number of items',
    category: 'data',
    versions: [1],
    properties: [
      number('Max Items', 'maxItems', 1),
      choice(
        'Keep',
        'keep',
        [
          ['First Items', 'firstItems'],
          ['Last Items', 'lastItems'],
        ],
        'firstItems',
      ),
    ],
    inputs: main,
    outputs: main,
    effects: 'pure',
  },
  execute: async (context) => {
    const passed = (await context.items()).map((item, index) => passOn(item, index))
    const most = Number(await context.parameter('maxItems', 0))
    if (passed.length <= most) return [passed]
    return [(await context.parameter('keep', 0)) === 'lastItems' ? passed.slice(passed.length - most) : passed.slice(0, most)]
  },
  validate: () => [],
}
