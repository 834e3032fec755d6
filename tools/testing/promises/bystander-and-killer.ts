import type { NodeType } from '@weconnect/nodes/sdk/node'
import { testNode } from '../test-nodes.ts'

/** Nodes of a workflow whose step is harmless, and of one whose step does what it is told. */
export const bystanderAndKiller = (
  effects: 'pure' | 'external',
  bystand: (signal: AbortSignal) => Promise<void>,
  kill: () => Promise<void>,
): NodeType[] => [
  testNode('test.bystander', effects, async (context) => {
    await bystand(context.signal)
    return [await context.items()]
  }),
  testNode('test.killer', effects, async (context) => {
    await kill()
    return [await context.items()]
  }),
]
