import type { NodeDefinition } from '@weconnect/contracts/node'
import { main } from '../../sdk/ports.ts'
import { choice, collection, hidden, json, number, resourceLocator, resourceMapper, show, since, text, toggle } from '../../sdk/property.ts'

const fromDatabase = { source: ['database'] }

export const definition: NodeDefinition = {
  name: 'n8n-nodes-base.executeWorkflow',
  displayName: 'Execute Sub-workflow',
  description: 'Execute another workflow',
  category: 'flow',
  color: '#ff6d5a',
  versions: [1, 1.1, 1.2, 1.3],
  properties: [
    hidden('Operation', 'operation', 'call_workflow', { noDataExpression: true }),
    choice(
      'Source',
      'source',
      [
        ['Database', 'database'],
        ['Local File', 'localFile'],
        ['Parameter', 'parameter'],
        ['URL', 'url'],
      ],
      'database',
    ),
    text('Workflow ID', 'workflowId', '', { required: true, ...show({ ...fromDatabase, '@version': [1] }) }),
    resourceLocator(
      'Workflow',
      'workflowId',
      { mode: 'list', value: '' },
      { required: true, ...show({ ...fromDatabase, '@version': [since(1.1)] }) },
    ),
    text('Workflow Path', 'workflowPath', '', { required: true, ...show({ source: ['localFile'] }) }),
    json('Workflow JSON', 'workflowJson', '\n\n\n', { required: true, ...show({ source: ['parameter'] }) }),
    text('Workflow URL', 'workflowUrl', '', { required: true, ...show({ source: ['url'] }) }),
    resourceMapper(
      'Workflow Inputs',
      'workflowInputs',
      { mappingMode: 'defineBelow', value: null },
      show({ ...fromDatabase, '@version': [since(1.2)] }),
    ),
    choice(
      'Mode',
      'mode',
      [
        ['Run once with all items', 'once'],
        ['Run once for each item', 'each'],
      ],
      'once',
      { noDataExpression: true },
    ),
    collection('Options', 'options', [
      toggle('Wait For Sub-Workflow Completion', 'waitForSubWorkflow', true),
      // Ours, which n8n ignores.
      number('Items per Call', 'batchSize', 0, {
        description: 'How many items a call is given at most; 0: all',
        ...show({ '/mode': ['once'] }),
      }),
    ]),
  ],
  inputs: main,
  outputs: main,
  effects: 'external',
  // The ids of the executions that it calls follow from the step.
  afterCrash: 'repeat',
}
