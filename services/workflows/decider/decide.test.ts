import type { WorkflowEvent } from '@weconnect/contracts/events/workflow'
import { specify } from '@weconnect/testing/specify'
import { describe, expect, test } from 'vitest'
import { contentHash } from '../canonical-json.ts'
import { workflowDecider } from './decide.ts'
import { absentWorkflow, evolve } from './evolve.ts'

const workflowId = '6f1c9d8e-1111-4222-8333-444455556666'
const to = { workflowId, organisationId: 'org' }
const given = specify({ decide: workflowDecider(() => []), evolve, initial: absentWorkflow })
const givenInvalid = specify({
  decide: workflowDecider(() => [{ code: 'WORKFLOW_INVALID', message: 'nothing starts it' }]),
  evolve,
  initial: absentWorkflow,
})

const created: WorkflowEvent = {
  type: 'WorkflowCreated',
  data: { ...to, name: 'Orders', tags: [], settings: { executionOrder: 'parallel' }, source: 'created' },
}
const added = (nodeId: string, name: string, parameters = {}): WorkflowEvent => ({
  type: 'NodeAdded',
  data: { node: { nodeId, name, nodeType: 'n8n-nodes-base.set', typeVersion: 3.4, position: { x: 0, y: 0 }, options: {}, parameters } },
})
const edge = (connectionId: string, sourceNodeId: string, targetNodeId: string) => ({
  connectionId,
  sourceNodeId,
  sourceOutput: 'main',
  sourceIndex: 0,
  targetNodeId,
  targetInput: 'main',
  targetIndex: 0,
})
const connected = (connectionId: string, from: string, target: string): WorkflowEvent => ({
  type: 'NodesConnected',
  data: { connection: edge(connectionId, from, target) },
})
const hashOf = (...events: WorkflowEvent[]) => contentHash(events.reduce(evolve, absentWorkflow))
const published = (version: number, hash: string): WorkflowEvent => ({ type: 'WorkflowPublished', data: { version, contentHash: hash } })
const activated = (version: number): WorkflowEvent => ({ type: 'WorkflowActivated', data: { version } })

describe('creation', () => {
  test('a workflow made here runs independent nodes in parallel', () =>
    given([])
      .when({ type: 'CreateWorkflow', ...to, name: ' Orders ' })
      .then([created]))
  test('its order can be chosen', () =>
    given([])
      .when({ type: 'CreateWorkflow', ...to, name: 'Orders', settings: { executionOrder: 'v1' } })
      .then([{ type: 'WorkflowCreated', data: { ...created.data, settings: { executionOrder: 'v1' } } } as WorkflowEvent]))
  test('an order that does not exist is refused', () =>
    given([])
      .when({ type: 'CreateWorkflow', ...to, name: 'Orders', settings: { executionOrder: 'v7' } })
      .thenThrows('INVALID_INPUT'))
  test('an id is used once', () =>
    given([created])
      .when({ type: 'CreateWorkflow', ...to, name: 'Again' })
      .thenThrows('INVALID_STATE'))
  test('an id must be a UUID', () =>
    given([])
      .when({ type: 'CreateWorkflow', ...to, workflowId: 'orders', name: 'Orders' })
      .thenThrows('INVALID_INPUT'))
})

describe('who and when', () => {
  test('another organisation sees nothing', () =>
    given([created])
      .when({ type: 'RenameWorkflow', ...to, organisationId: 'other', name: 'Mine' })
      .thenThrows('NOT_FOUND'))
  test('what does not exist is not found', () =>
    given([])
      .when({ type: 'RenameWorkflow', ...to, name: 'Mine' })
      .thenThrows('NOT_FOUND'))
  test('an edit made against an older version is refused', () =>
    given([created, added('a', 'A')])
      .when({ type: 'RenameWorkflow', ...to, expectedVersion: 0, name: 'Mine' })
      .thenThrows('STALE_EXPECTED_VERSION'))
  test('an edit made against this version is taken', () =>
    given([created, added('a', 'A')])
      .when({ type: 'RenameWorkflow', ...to, expectedVersion: 1, name: 'Mine' })
      .then([{ type: 'WorkflowRenamed', data: { name: 'Mine' } }]))
  test('an archived workflow is not edited', () =>
    given([created, { type: 'WorkflowArchived', data: {} }])
      .when({ type: 'RenameWorkflow', ...to, name: 'Mine' })
      .thenThrows('INVALID_STATE'))
})

describe('details', () => {
  test.for([
    { type: 'RenameWorkflow', ...to, name: 'Orders' },
    { type: 'DescribeWorkflow', ...to, description: '' },
    { type: 'TagWorkflow', ...to, tags: [' '] },
    { type: 'CategoriseWorkflow', ...to },
    { type: 'MarkTemplate', ...to, isTemplate: false },
    { type: 'ChangeSettings', ...to, settings: { executionOrder: 'parallel' } },
    { type: 'ChangePinData', ...to },
    { type: 'DisconnectNodes', ...to, connectionId: 'none' },
    { type: 'DeactivateWorkflow', ...to },
    { type: 'RestoreWorkflow', ...to },
  ] as const)('$type to what it is already changes nothing', (command) => given([created]).when(command).then([]))
  test('tags lose blanks and repetitions', () =>
    given([created])
      .when({ type: 'TagWorkflow', ...to, tags: ['a ', 'b', '', 'a'] })
      .then([{ type: 'WorkflowTagged', data: { tags: ['a', 'b'] } }]))
  test('settings cannot carry __proto__', () =>
    given([created])
      .when({ type: 'ChangeSettings', ...to, settings: JSON.parse('{"a":{"__proto__":{"polluted":true}}}') })
      .thenThrows('INVALID_INPUT'))
})

describe('nodes', () => {
  const add = { type: 'AddNode', ...to, nodeId: 'b', nodeType: 'n8n-nodes-base.set', typeVersion: 3.4, position: { x: 0, y: 0 } } as const
  test('a node is added', () =>
    given([created])
      .when({ ...add, name: 'B' })
      .then([added('b', 'B')]))
  test('two nodes cannot have one name', () =>
    given([created, added('a', 'A')])
      .when({ ...add, name: 'A' })
      .thenThrows('NAME_TAKEN'))
  test.for(['__proto__', 'constructor', 'prototype', ' ', 'x'.repeat(257)])('a node cannot be called %s', (name) =>
    given([created])
      .when({ ...add, name })
      .thenThrows('INVALID_INPUT'),
  )
  test('two nodes cannot have one id', () =>
    given([created, added('b', 'A')])
      .when({ ...add, name: 'B' })
      .thenThrows('INVALID_INPUT'))
  test('an option of a wrong type is refused', () =>
    given([created])
      .when({ ...add, name: 'B', options: { maxTries: 1.5 } })
      .thenThrows('INVALID_INPUT'))
  test('a credential itself is refused, a reference is not', () => {
    const reference = { slackApi: { id: '1', name: 'Team' } }
    const withReference = added('b', 'B') as Extract<WorkflowEvent, { type: 'NodeAdded' }>
    given([created])
      .when({ ...add, name: 'B', credentials: { slackApi: { token: 'hunter2' } } })
      .thenThrows('INVALID_INPUT')
    given([created])
      .when({ ...add, name: 'B', credentials: reference })
      .then([{ type: 'NodeAdded', data: { node: { ...withReference.data.node, credentials: reference } } }])
  })
  test('only what differs is configured', () =>
    given([created, added('a', 'A', { x: 1 })])
      .when({ type: 'ConfigureNode', ...to, nodeId: 'a', parameters: { x: 1 }, options: { disabled: true }, typeVersion: 3.4 })
      .then([{ type: 'NodeConfigured', data: { nodeId: 'a', options: { disabled: true } } }]))
  test('a node that is not there is not found', () =>
    given([created])
      .when({ type: 'RemoveNode', ...to, nodeId: 'a' })
      .thenThrows('NOT_FOUND'))
  test('a removed node takes its pinned items along', () =>
    given([created, added('a', 'A'), { type: 'PinDataChanged', data: { pinData: { A: [{ json: {} }], B: [] } } }])
      .when({ type: 'RemoveNode', ...to, nodeId: 'a' })
      .then([
        { type: 'NodeRemoved', data: { nodeId: 'a' } },
        { type: 'PinDataChanged', data: { pinData: { B: [] } } },
      ]))
  test('a removed node takes its connections along', () => {
    const before = [created, added('a', 'A'), added('b', 'B'), connected('c', 'a', 'b')]
    expect([...before, { type: 'NodeRemoved', data: { nodeId: 'b' } } as const].reduce(evolve, absentWorkflow).connections).toEqual([])
  })
})

describe('renaming a node', () => {
  const text = {
    a: '={{ $("Old").item.json.x + $node["Old"].json.y + $items(\'Old\', 0).length }}',
    nested: [{ b: '={{ $node.Old.json.x }} and $(`Old`)' }],
    other: '={{ $("Older").first() }}',
    plain: 'the text $("Old") is no expression',
    jsCode: 'return [...$("Old").all()]',
  }
  const renamedText = {
    a: "={{ $(\"It's\").item.json.x + $node[\"It's\"].json.y + $items('It\\'s', 0).length }}",
    nested: [{ b: '={{ $node["It\'s"].json.x }} and $(`It\'s`)' }],
    other: '={{ $("Older").first() }}',
    plain: 'the text $("Old") is no expression',
    jsCode: 'return [...$("It\'s").all()]',
  }
  test('rewrites every expression that names it, and its pinned items', () =>
    given([
      created,
      added('a', 'Old'),
      added('b', 'B', text),
      added('c', 'C', { x: 1 }),
      { type: 'PinDataChanged', data: { pinData: { Old: [] } } },
      { type: 'NodesConnected', data: { connection: { ...edge('e', 'a', 'b'), conditions: '={{ $("Old").item.json.ok }}' } } },
    ])
      .when({ type: 'RenameNode', ...to, nodeId: 'a', name: "It's" })
      .then([
        { type: 'NodeRenamed', data: { nodeId: 'a', name: "It's" } },
        { type: 'NodeConfigured', data: { nodeId: 'b', parameters: renamedText } },
        { type: 'NodesDisconnected', data: { connectionId: 'e' } },
        { type: 'NodesConnected', data: { connection: { ...edge('e', 'a', 'b'), conditions: '={{ $("It\'s").item.json.ok }}' } } },
        { type: 'PinDataChanged', data: { pinData: { "It's": [] } } },
      ]))
  test('to a name that is taken is refused', () =>
    given([created, added('a', 'A'), added('b', 'B')])
      .when({ type: 'RenameNode', ...to, nodeId: 'a', name: 'B' })
      .thenThrows('NAME_TAKEN'))
})

describe('connections', () => {
  const nodes = [created, added('a', 'A'), added('b', 'B')]
  const connect = { type: 'ConnectNodes', ...to, connectionId: 'c', sourceNodeId: 'a', targetNodeId: 'b' } as const
  test('main, output 0 and input 0 unless said', () =>
    given(nodes)
      .when(connect)
      .then([connected('c', 'a', 'b')]))
  test('the same edge again changes nothing', () =>
    given([...nodes, connected('c', 'a', 'b')])
      .when({ ...connect, connectionId: 'd' })
      .then([]))
  test('the same edge with a condition replaces it', () =>
    given([...nodes, connected('c', 'a', 'b')])
      .when({ ...connect, conditions: '={{ $json.ok }}' })
      .then([
        { type: 'NodesDisconnected', data: { connectionId: 'c' } },
        { type: 'NodesConnected', data: { connection: { ...edge('c', 'a', 'b'), conditions: '={{ $json.ok }}' } } },
      ]))
  test('both branches may lead to one node', () =>
    given([...nodes, connected('c', 'a', 'b')])
      .when({ ...connect, connectionId: 'd', sourceIndex: 1 })
      .then([{ type: 'NodesConnected', data: { connection: { ...edge('d', 'a', 'b'), sourceIndex: 1 } } }]))
  test('a loop is allowed', () =>
    given([...nodes, connected('c', 'a', 'b')])
      .when({ ...connect, connectionId: 'd', sourceNodeId: 'b', targetNodeId: 'a' })
      .then([connected('d', 'b', 'a')]))
  test('an end that does not exist is refused', () =>
    given(nodes)
      .when({ ...connect, targetNodeId: 'z' })
      .thenThrows('NOT_FOUND'))
  test.for([-1, 0.5, 1000])('output %s is refused', (sourceIndex) =>
    given(nodes)
      .when({ ...connect, sourceIndex })
      .thenThrows('INVALID_INPUT'),
  )
})

describe('publishing', () => {
  const content = [created, added('a', 'A')]
  const first = published(1, hashOf(...content))
  const changed = added('b', 'B')
  const second = published(2, hashOf(...content, changed))

  test('makes version 1', () =>
    given(content)
      .when({ type: 'PublishWorkflow', ...to })
      .then([first]))
  test('the same content again changes nothing', () =>
    given([...content, first])
      .when({ type: 'PublishWorkflow', ...to })
      .then([]))
  test('changed content makes the next version', () =>
    given([...content, first, changed])
      .when({ type: 'PublishWorkflow', ...to })
      .then([second]))
  test('content with problems is refused', () =>
    givenInvalid(content)
      .when({ type: 'PublishWorkflow', ...to })
      .thenThrows('WORKFLOW_INVALID'))
  test('activation publishes the draft first', () =>
    given([...content, first, changed])
      .when({ type: 'ActivateWorkflow', ...to })
      .then([second, activated(2)]))
  test('activation of an unchanged draft publishes nothing', () =>
    given([...content, first])
      .when({ type: 'ActivateWorkflow', ...to })
      .then([activated(1)]))
  test('activation of an older version leaves the draft alone', () =>
    given([...content, first, changed, second, activated(2)])
      .when({ type: 'ActivateWorkflow', ...to, version: 1 })
      .then([activated(1)]))
  test('activation of what is live changes nothing', () =>
    given([...content, first, activated(1)])
      .when({ type: 'ActivateWorkflow', ...to })
      .then([]))
  test('a version that was never published is not found', () =>
    given([...content, first])
      .when({ type: 'ActivateWorkflow', ...to, version: 2 })
      .thenThrows('NOT_FOUND'))
  test('a version is the content at the revision of its event', () => {
    const workflow = [...content, first, changed, second].reduce(evolve, absentWorkflow)
    expect([...workflow.versions.values()].map(({ revision }) => revision)).toEqual([2, 4])
  })
  test('archiving a live workflow switches it off', () =>
    given([...content, first, activated(1)])
      .when({ type: 'ArchiveWorkflow', ...to })
      .then([
        { type: 'WorkflowDeactivated', data: {} },
        { type: 'WorkflowArchived', data: {} },
      ]))
})
