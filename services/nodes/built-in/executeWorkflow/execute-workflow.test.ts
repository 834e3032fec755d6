import type { Item } from '@weconnect/contracts/items'
import type { JsonObject } from '@weconnect/contracts/json'
import { itemsOf, runNode } from '@weconnect/testing/node-harness'
import { describe, expect, test } from 'vitest'
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

test('mapped fields become what their schema says, where the mapping converts', async () => {
  const schema = ['string', 'number', 'boolean', 'any'].map((type) => ({ id: type, displayName: type, type }))
  const value = { string: '={{ $json.n }}', number: '={{ String($json.n) }}', boolean: 'true', any: '={{ $json.n }}', number2: null }
  const given = async (more: JsonObject) => {
    const { calls, workflow } = recording()
    const workflowInputs = { mappingMode: 'defineBelow', value, schema, ...more }
    await runNode(executeWorkflow, { items: items.slice(0, 1), parameters: { workflowId, workflowInputs }, workflow })
    return calls[0]!.items[0]!.json
  }
  expect(await given({ attemptToConvertTypes: true, convertFieldsToString: true })).toEqual({
    ...{ string: '1', number: 1, boolean: true, any: 1, number2: null },
  })
  expect(await given({ attemptToConvertTypes: false, convertFieldsToString: true })).toMatchObject({
    string: '1',
    number: '1',
    boolean: 'true',
  })
  expect(await given({})).toMatchObject({ string: 1, number: '1' })
  await expect(given({ attemptToConvertTypes: true, value: { number: 'many' } })).rejects.toThrow("Invalid input for 'number' [item 0]")
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

describe('in batches', () => {
  const five = itemsOf(...[1, 2, 3, 4, 5].map((n) => ({ n })))
  const batches = (options: JsonObject, more: Partial<Parameters<typeof runNode>[1]> = {}) =>
    runNode(executeWorkflow, { items: five, parameters: { workflowId, options: { batchSize: 2, ...options } }, ...more })

  test('one call after the other, each with some items; what comes back is paired where there is one for each', async () => {
    const { calls, workflow } = recording()
    const { outputs } = await batches({}, { workflow })
    expect(calls.map((call) => call.items.map(({ json }) => json['n']))).toEqual([[1, 2], [3, 4], [5]])
    expect(outputs[0]!.map(({ json, pairedItem }) => [json['n'], pairedItem])).toEqual([1, 2, 3, 4, 5].map((n) => [n, { item: n - 1 }]))
    const summary = await batches({}, { workflow: async (request) => [[{ json: { of: request.items.length } }], request.items] })
    expect(summary.outputs.map((output) => output!.length)).toEqual([3, 5])
    expect(summary.outputs[0]!.map(({ pairedItem }) => pairedItem)).toEqual([undefined, undefined, { item: 4 }])
  })

  test('without waiting, all its own items go on', async () => {
    const { calls, workflow } = recording()
    const { outputs } = await batches({ waitForSubWorkflow: false }, { workflow })
    expect(calls).toHaveLength(3)
    expect(outputs[0]!.map(({ json, pairedItem }) => [json['n'], pairedItem])).toEqual([1, 2, 3, 4, 5].map((n) => [n, { item: n - 1 }]))
  })

  test('a call that fails fails the node, or, where it goes on after errors, the items of that call', async () => {
    const workflow = async ({ items: given }: { readonly items: readonly Item[] }) => {
      if (given.some(({ json }) => json['n'] === 3)) throw new Error('no three')
      return [given]
    }
    await expect(batches({}, { workflow })).rejects.toThrow('no three')
    const { outputs } = await batches({}, { workflow, onError: 'continueRegularOutput' })
    const failed = (item: number) => ({ json: { error: 'no three' }, pairedItem: { item } })
    expect(outputs[0]!.slice(2, 4)).toEqual([failed(2), failed(3)])
    expect(outputs[0]!.map(({ json }) => json['n'])).toEqual([1, 2, undefined, undefined, 5])
  })

  test('a size that is none is refused', async () => {
    await expect(batches({ batchSize: -1 })).rejects.toThrow('Items per Call')
  })
})

test('no workflow and other sources are refused', async () => {
  await expect(runNode(executeWorkflow, { items })).rejects.toThrow('No workflow was chosen')
  await expect(runNode(executeWorkflow, { items, parameters: { source: 'url' } })).rejects.toThrow('not supported yet')
})
