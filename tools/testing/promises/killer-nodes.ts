import { builtInNodes } from '@weconnect/nodes/built-in/all'
import type { NodeType } from '@weconnect/nodes/sdk/node'
import { bystanderAndKiller } from './bystander-and-killer.ts'
import { die } from './dying-log.ts'
import type { KillerOrders } from './killer-orders.ts'

/* Loaded into processes of the product before anything else, so that they have two more nodes: what their steps do, a test says. */

const { url, effects } = JSON.parse(process.env['WECONNECT_TEST_KILLER'] ?? '') as Pick<KillerOrders, 'url' | 'effects'>
const ask = async (what: string): Promise<string> => (await fetch(`${url}/${what}/${process.pid}`)).text()
const bystand = async (): Promise<void> => void (await ask('bystander'))
const kill = async (): Promise<void> => {
  if ((await ask('killer')) === 'die') die()
}

;(builtInNodes as NodeType[]).push(...bystanderAndKiller(effects, bystand, kill))
