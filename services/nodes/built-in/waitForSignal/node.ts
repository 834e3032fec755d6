import type { NodeType } from '../../sdk/node.ts'
import { main, named } from '../../sdk/ports.ts'
import { text } from '../../sdk/property.ts'
import { asText, nodeFailure } from '../per-item.ts'
import { limitOf, limitProperties } from '../waiting-limit.ts'

/** WeConnect's own: waits for a signal of a name, sent by mutation or from the command line. */
export const waitForSignal: NodeType = {
  definition: {
    name: 'weconnect.waitForSignal',
    displayName: 'Wait for Signal',
    description: 'Wait until a signal of this name is sent to the execution',
    category: 'flow',
    color: '#804050',
    versions: [1],
    properties: [text('Signal Name', 'name', '', { required: true }), ...limitProperties],
    inputs: main,
    outputs: named('Received', 'Timed Out'),
    effects: 'external',
    afterCrash: 'repeat',
  },
  execute: async (context) => {
    const name = asText(await context.parameter('name', 0)).trim()
    if (name === '') throw nodeFailure(context, 'The signal has no name', 'name', 0)
    return context.pauseForSignal(name, await limitOf(context))
  },
  validate: ({ name }) =>
    typeof name === 'string' && name.trim() === '' ? [{ parameter: 'name', message: 'The signal has no name' }] : [],
}
