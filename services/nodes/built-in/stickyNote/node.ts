import type { NodeType } from '../../sdk/node.ts'
import { noPorts } from '../../sdk/ports.ts'
import { number, text } from '../../sdk/property.ts'

/** A note on the canvas; it never runs. */
export const stickyNote: NodeType = {
  definition: {
    name: 'n8n-nodes-base.stickyNote',
    displayName: 'Sticky Note',
    description: 'Make your workflow easier to understand',
    category: 'core',
    versions: [1],
    properties: [
      text('Content', 'content', "## I'm a note \n**Double click** to edit me."),
      number('Height', 'height', 160),
      number('Width', 'width', 240),
      number('Color', 'color', 1),
    ],
    inputs: noPorts,
    outputs: noPorts,
    effects: 'pure',
  },
  execute: async () => [],
  validate: () => [],
}
