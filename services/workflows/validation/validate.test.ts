import type { NodeDefinition } from '@weconnect/contracts/node'
import { openNodeRegistry } from '@weconnect/nodes/registry'
import type { NodeType } from '@weconnect/nodes/sdk/node'
import { describe, expect, test } from 'vitest'
import { absentWorkflow } from '../decider/evolve.ts'
import type { WorkflowContent, WorkflowNode } from '../model.ts'
import { findProblems } from './validate.ts'

const nodeType = (name: string, definition: Partial<NodeDefinition> = {}, rest: Partial<NodeType> = {}): NodeType => ({
  definition: {
    name,
    displayName: name,
    description: '',
    category: 'core',
    versions: [1, 2],
    properties: [],
    inputs: [],
    outputs: [],
    effects: 'pure',
    ...definition,
  },
  execute: async () => [],
  validate: () => [],
  ...rest,
})

const registry = openNodeRegistry([
  nodeType('start', { isTrigger: true }),
  nodeType(
    'hook',
    { isTrigger: true },
    {
      webhook: ({ path }) => ({
        methods: ['POST'],
        path: String(path ?? ''),
        responseMode: 'onReceived',
        responseCode: 200,
        responseHeaders: {},
        responseData: 'noData',
        rawBody: false,
      }),
    },
  ),
  nodeType('step', {
    properties: [
      { displayName: 'Mode', name: 'mode', type: 'string', default: 'simple' },
      { displayName: 'Url', name: 'url', type: 'string', default: '', required: true, displayOptions: { show: { mode: ['http'] } } },
      { displayName: 'Text', name: 'text', type: 'string', default: '' },
      { displayName: 'Code', name: 'code', type: 'string', default: '', noDataExpression: true },
    ],
  }),
  nodeType('picky', {}, { validate: ({ size }) => (size === 1 ? [] : [{ parameter: 'size', message: 'must be 1' }]) }),
])
const rules = {
  registry,
  parseExpression: (text: string) => (text.includes('{{ ) }}') ? { message: 'unexpected )', position: 3 } : undefined),
}

const node = (name: string, nodeType: string, rest: Partial<WorkflowNode> = {}): WorkflowNode => ({
  nodeId: `id-${name}`,
  name,
  nodeType,
  typeVersion: 1,
  position: { x: 0, y: 0 },
  options: {},
  parameters: {},
  ...rest,
})
const edge = (from: string, to: string, output = 'main', conditions?: string) => ({
  connectionId: `${from}-${to}`,
  sourceNodeId: `id-${from}`,
  sourceOutput: output,
  sourceIndex: 0,
  targetNodeId: `id-${to}`,
  targetInput: output,
  targetIndex: 0,
  ...(conditions !== undefined && { conditions }),
})
const content = (nodes: readonly WorkflowNode[], connections: WorkflowContent['connections'] = []): WorkflowContent => ({
  ...absentWorkflow,
  nodes,
  connections,
})
const problemsOf = (...args: Parameters<typeof content>) => findProblems(content(...args), rules)

test('every problem is listed at once', () => {
  const problems = problemsOf(
    [
      node('A', 'start'),
      node('A', 'step', { nodeId: 'id-B' }),
      node('constructor', 'step', { parameters: { mode: 'http' } }),
      node('C', 'unheard'),
      node('D', 'step', { typeVersion: 9 }),
      node('E', 'picky'),
      node('F', 'step', { parameters: { text: '={{ ) }}', code: '={{ ) }}' } }),
      node('G', 'step'),
    ],
    [
      edge('A', 'B'),
      edge('B', 'constructor'),
      edge('constructor', 'C'),
      edge('C', 'D'),
      edge('D', 'E'),
      edge('E', 'F'),
      edge('F', 'gone'),
      edge('A', 'E', 'main', '={{ ) }}'),
    ],
  )
  expect(problems).toEqual([
    { code: 'WORKFLOW_INVALID', message: 'another node has the same name', node: 'A' },
    { code: 'WORKFLOW_INVALID', message: 'a node cannot be called constructor: rename it', node: 'constructor' },
    { code: 'WORKFLOW_INVALID', message: '"Url" is required', node: 'constructor', parameter: 'url' },
    { code: 'NODE_UNKNOWN', message: 'there is no node type unheard', node: 'C' },
    { code: 'NODE_UNKNOWN', message: 'version 9 of step is not known; known are 1, 2', node: 'D' },
    { code: 'WORKFLOW_INVALID', message: 'must be 1', node: 'E', parameter: 'size' },
    { code: 'EXPRESSION_INVALID', message: 'the expression does not parse: unexpected ) at position 3', node: 'F', parameter: 'text' },
    { code: 'WORKFLOW_INVALID', message: 'no trigger leads to it: connect, disable or remove it', node: 'G' },
    { code: 'WORKFLOW_INVALID', message: 'connection F-gone has no target: remove it', node: 'F' },
    {
      code: 'EXPRESSION_INVALID',
      message: 'the expression does not parse: unexpected ) at position 3',
      node: 'A',
      parameter: 'conditions',
    },
  ])
})

describe('what is no problem', () => {
  test('a loop', () =>
    expect(
      problemsOf([node('A', 'start'), node('B', 'step'), node('C', 'step')], [edge('A', 'B'), edge('B', 'C'), edge('C', 'B')]),
    ).toEqual([]))
  test('a note, or a disabled node, that nothing leads to', () =>
    expect(
      problemsOf([node('A', 'start'), node('N', 'n8n-nodes-base.stickyNote'), node('B', 'unheard', { options: { disabled: true } })]),
    ).toEqual([]))
  test('a sub-node of a node that is reached', () =>
    expect(problemsOf([node('A', 'start'), node('B', 'step'), node('M', 'step')], [edge('A', 'B'), edge('M', 'B', 'ai_tool')])).toEqual([]))
  test('a required parameter that does not show', () =>
    expect(problemsOf([node('A', 'start'), node('B', 'step', { parameters: { mode: 'simple' } })], [edge('A', 'B')])).toEqual([]))
})

test('without an enabled trigger nothing starts', () =>
  expect(problemsOf([node('A', 'start', { options: { disabled: true } }), node('B', 'step')], [edge('A', 'B')])).toEqual([
    { code: 'WORKFLOW_INVALID', message: 'nothing starts it: add a trigger' },
  ]))

test('two webhooks cannot share method and path', () => {
  const hook = (name: string, path: string) => node(name, 'hook', { parameters: { path } })
  expect(problemsOf([hook('A', 'orders'), hook('B', 'orders'), hook('C', 'other')])).toEqual([
    { code: 'WORKFLOW_INVALID', message: '"A" listens to POST orders already', node: 'B' },
  ])
})
