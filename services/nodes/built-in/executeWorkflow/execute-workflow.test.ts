import type { Item } from '@weconnect/contracts/items'
import type { JsonObject } from '@weconnect/contracts/json'
import { itemsOf, runNode } from '@weconnect/testing/node-harness'
import { expect, test } from 'vitest'
import { executeWorkflowTrigger } from '../executeWorkflowTrigger/node.ts'
import { executeWorkflow } from './node.ts'

const items = itemsOf({ n: 1 }, { n: 2 })
const workflowId = { __rl: true, mode: 'id', value: 'w1' }
const recording = () => {
  const calls: { workflowId: string; items: readonly Item[]; wait: boolean }[] = []
  const workflow = async (request: (typeof calls)[number]) => {
    calls.push(request)
    return [request.items.map((item) => ({ json: { ...item.json, done: true } }))]
  }
  return { calls, workflow }
}

test('once with all items: its items come back', async () => {
  const { calls, workflow } = recording()
  const { outputs } = await runNode(executeWorkflow, { items, parameters: { workflowId }, workflow })
  expect(calls).toMatchObject([{ workflowId: 'w1', wait: true, items }])
  expect(outputs[0]!.map((item) => item.json)).toEqual([
    { n: 1, done: true },
    { n: 2, done: true },
  ])
})

test('once for each item, paired with it', async () => {
  const { calls, workflow } = recording()
  const { outputs } = await runNode(executeWorkflow, { items, parameters: { workflowId, mode: 'each' }, workflow })
  expect(calls).toHaveLength(2)
  expect(outputs[0]![1]).toEqual({ json: { n: 2, done: true }, pairedItem: { item: 1 } })
})

test('mapped fields are what the called workflow gets', async () => {
  const { calls, workflow } = recording()
  const workflowInputs = { mappingMode: 'defineBelow', value: { double: '={{ $json.n * 2 }}' } }
  await runNode(executeWorkflow, { items, parameters: { workflowId, workflowInputs }, workflow })
  expect(calls[0]?.items.map((item) => item.json)).toEqual([{ double: 2 }, { double: 4 }])
})

test('the trigger gives the inputs that are declared, or all data', async () => {
  const started = async (parameters: JsonObject) =>
    (await runNode(executeWorkflowTrigger, { items, parameters })).outputs[0]!.map((item) => item.json)
  expect(await started({ workflowInputs: { values: [{ name: 'n' }, { name: 'other' }] } })).toEqual([
    { n: 1, other: null },
    { n: 2, other: null },
  ])
  expect(await started({ inputSource: 'jsonExample', jsonExample: '{"other": 1}' })).toEqual([{ other: null }, { other: null }])
  expect(await started({ inputSource: 'passthrough' })).toEqual([{ n: 1 }, { n: 2 }])
})

test('without waiting, its own items go on', async () => {
  const { calls, workflow } = recording()
  const { outputs } = await runNode(executeWorkflow, {
    items,
    parameters: { workflowId, options: { waitForSubWorkflow: false } },
    workflow,
  })
  expect(calls).toMatchObject([{ wait: false }])
  expect(outputs[0]!.map((item) => item.json)).toEqual([{ n: 1 }, { n: 2 }])
})

test('no workflow and other sources are refused', async () => {
  await expect(runNode(executeWorkflow, { items })).rejects.toThrow('No workflow was chosen')
  await expect(runNode(executeWorkflow, { items, parameters: { source: 'url' } })).rejects.toThrow('not supported yet')
})
