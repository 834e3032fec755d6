import type { NodeType } from '../../sdk/node.ts'
import { main, noPorts } from '../../sdk/ports.ts'
import { choice, group, groups, hidden, json, notice, show, text } from '../../sdk/property.ts'

const types = [
  ['Allow Any Type', 'any'],
  ['String', 'string'],
  ['Number', 'number'],
  ['Boolean', 'boolean'],
  ['Array', 'array'],
  ['Object', 'object'],
] as const

/** Starts a workflow that another one calls: with the caller's items, or one empty item. */
export const executeWorkflowTrigger: NodeType = {
  definition: {
    name: 'n8n-nodes-base.executeWorkflowTrigger',
    displayName: 'Execute Workflow Trigger',
    description: 'Runs the flow when called by another workflow',
    category: 'trigger',
    versions: [1, 1.1],
    properties: [
      hidden('Event', 'events', 'worklfow_call', show({ '@version': [1] })),
      notice('When a workflow calls this one, it starts here', 'notice', '', show({ '@version': [1] })),
      choice(
        'Input data mode',
        'inputSource',
        [
          ['Define using fields below', 'workflowInputs'],
          ['Define using JSON example', 'jsonExample'],
          ['Accept all data', 'passthrough'],
        ],
        'workflowInputs',
        { noDataExpression: true, ...show({ '@version': [1.1] }) },
      ),
      json(
        'JSON Example',
        'jsonExample',
        '{\n  "aField": "a string",\n  "aNumber": 123\n}',
        show({ '@version': [1.1], inputSource: ['jsonExample'] }),
      ),
      groups(
        'Workflow Input Schema',
        'workflowInputs',
        [group('Values', 'values', [text('Name', 'name'), choice('Type', 'type', types, 'string')])],
        {
          many: true,
          ...show({ '@version': [1.1], inputSource: ['workflowInputs'] }),
        },
      ),
    ],
    inputs: noPorts,
    outputs: main,
    isTrigger: true,
    effects: 'pure',
  },
  execute: async (context) => {
    const items = await context.items()
    return [items.length > 0 ? items : [{ json: {} }]]
  },
  validate: () => [],
}
