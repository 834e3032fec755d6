import type { JsonObject, JsonValue } from '@weconnect/contracts/json'
import type { NodeContext, NodeType } from '../../sdk/node.ts'
import { main, noPorts } from '../../sdk/ports.ts'
import { choice, group, groups, hidden, json, notice, show, text } from '../../sdk/property.ts'
import { asObject, asObjects, asText, nodeFailure } from '../per-item.ts'

const types = [
  ['Allow Any Type', 'any'],
  ['String', 'string'],
  ['Number', 'number'],
  ['Boolean', 'boolean'],
  ['Array', 'array'],
  ['Object', 'object'],
] as const

/** Names of the inputs that the workflow declares; undefined when it takes all data. */
const declared = async (context: NodeContext): Promise<readonly string[] | undefined> => {
  const source = context.node.typeVersion < 1.1 ? 'passthrough' : await context.parameter('inputSource', 0)
  if (source === 'passthrough') return undefined
  if (source === 'jsonExample') return Object.keys(parsedExample(context, await context.parameter('jsonExample', 0)))
  return asObjects(asObject(await context.parameter('workflowInputs', 0))['values']).map((field) => asText(field['name']))
}

const parsedExample = (context: NodeContext, example: JsonValue | undefined): JsonObject => {
  try {
    return asObject(typeof example === 'string' ? (JSON.parse(example) as JsonValue) : example)
  } catch {
    throw nodeFailure(context, "The 'JSON Example' is not valid JSON", 'jsonExample')
  }
}

/** The declared fields, null where the caller gave none. */
const narrowed = (json: JsonObject, names: readonly string[]): JsonObject =>
  Object.fromEntries(names.map((name) => [name, (Object.hasOwn(json, name) ? json[name] : undefined) ?? null]))

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
    const arrived = await context.items()
    const items = arrived.length > 0 ? arrived : [{ json: {} }]
    const names = await declared(context)
    return [
      names === undefined
        ? items
        : items.map((item, index) => ({ ...item, json: narrowed(item.json, names), pairedItem: { item: index } })),
    ]
  },
  validate: () => [],
}
