import type { NodeType } from '../sdk/node.ts'
import { ifClassic, ifNode } from './if/node.ts'
import { manualTrigger } from './manualTrigger/node.ts'
import { noOp } from './noOp/node.ts'
import { respondToWebhook } from './respondToWebhook/node.ts'
import { setClassic } from './set/classic.ts'
import { set } from './set/node.ts'
import { webhook } from './webhook/node.ts'

/** Every node type that comes with the product. */
export const builtInNodes: readonly NodeType[] = [ifClassic, ifNode, manualTrigger, noOp, respondToWebhook, set, setClassic, webhook]
