/** The workflows that are measured, in n8n's format. */

interface Step {
  readonly name: string
  readonly type: string
  readonly typeVersion: number
  readonly parameters: object
}
type Link = readonly [from: string, to: string, output?: number]

const file = (name: string, steps: readonly Step[], links: readonly Link[]): object => ({
  name,
  nodes: steps.map(({ type, ...step }, index) => ({
    ...step,
    id: `${name}-${index}`,
    type: `n8n-nodes-base.${type}`,
    position: [index * 220, 0],
  })),
  connections: Object.fromEntries(steps.map((step) => [step.name, { main: outputsOf(step.name, links) }])),
  settings: { executionOrder: 'v1' },
})

const outputsOf = (name: string, links: readonly Link[]): object[][] => {
  const outputs: object[][] = []
  for (const [from, to, output = 0] of links) {
    if (from !== name) continue
    while (outputs.length <= output) outputs.push([])
    outputs[output]?.push({ node: to, type: 'main', index: 0 })
  }
  return outputs
}

const webhook = (path: string): Step => ({
  name: 'Webhook',
  type: 'webhook',
  typeVersion: 2,
  parameters: { httpMethod: 'POST', path, responseMode: 'responseNode', options: {} },
})
const set = (name: string, fields: readonly (readonly [name: string, value: unknown, type: string])[]): Step => ({
  name,
  type: 'set',
  typeVersion: 3.4,
  parameters: {
    assignments: { assignments: fields.map(([field, value, type]) => ({ id: `${name}-${field}`, name: field, value, type })) },
    options: {},
  },
})
const number = (left: string, operation: string, right: number): object => ({
  options: { caseSensitive: true, leftValue: '', typeValidation: 'strict', version: 2 },
  conditions: [{ id: 'condition', leftValue: left, rightValue: right, operator: { type: 'number', operation } }],
  combinator: 'and',
})
const condition = (name: string, type: 'if' | 'filter', conditions: object): Step => ({
  name,
  type,
  typeVersion: 2.2,
  parameters: { conditions, options: {} },
})
const code = (name: string, jsCode: string): Step => ({ name, type: 'code', typeVersion: 2, parameters: { jsCode } })
const respond: Step = {
  name: 'Respond',
  type: 'respondToWebhook',
  typeVersion: 1.1,
  parameters: { respondWith: 'firstIncomingItem', options: {} },
}

/** Webhook, three fields with one expression over the body, a decision, an answer. */
export const w1 = {
  path: '/webhook/bench-w1',
  body: JSON.stringify({ name: 'Ada', amount: 120, note: 'a body of a usual size, as a shop or a form would send it' }),
  file: file(
    'Bench W1',
    [
      webhook('bench-w1'),
      set('Set', [
        ['greeting', '=Hello {{ $json.body.name }}', 'string'],
        ['amount', 120, 'number'],
        ['lane', 'fast', 'string'],
      ]),
      condition('If', 'if', number('={{ $json.amount }}', 'gt', 100)),
      respond,
    ],
    [
      ['Webhook', 'Set'],
      ['Set', 'If'],
      ['If', 'Respond'],
    ],
  ),
}

/** A thousand items through code, Set and Filter, made one at the end. */
export const w2 = {
  path: '/webhook/bench-w2',
  body: JSON.stringify({ count: 1000 }),
  file: file(
    'Bench W2',
    [
      webhook('bench-w2'),
      code(
        'Make items',
        'const { count } = $input.first().json.body\nreturn Array.from({ length: count }, (_, index) => ({ json: { index } }))',
      ),
      set('Set', [
        ['index', '={{ $json.index }}', 'number'],
        ['double', '={{ $json.index * 2 }}', 'number'],
      ]),
      condition('Filter', 'filter', number('={{ $json.double }}', 'gte', 1000)),
      { name: 'Aggregate', type: 'aggregate', typeVersion: 1, parameters: { aggregate: 'aggregateAllItemData', options: {} } },
      respond,
    ],
    [
      ['Webhook', 'Make items'],
      ['Make items', 'Set'],
      ['Set', 'Filter'],
      ['Filter', 'Aggregate'],
      ['Aggregate', 'Respond'],
    ],
  ),
}

/** One execution of many steps, to replay: Set and If in a loop. `count` rounds, as the body says. */
export const loop = {
  path: '/webhook/bench-loop',
  body: (count: number): string => JSON.stringify({ count }),
  file: file(
    'Bench loop',
    [
      webhook('bench-loop'),
      set('Start', [
        ['left', '={{ $json.body.count }}', 'number'],
        ['done', 0, 'number'],
      ]),
      set('Step', [
        ['left', '={{ $json.left - 1 }}', 'number'],
        ['done', '={{ $json.done + 1 }}', 'number'],
      ]),
      condition('More', 'if', number('={{ $json.left }}', 'gt', 0)),
      respond,
    ],
    [
      ['Webhook', 'Start'],
      ['Start', 'Step'],
      ['Step', 'More'],
      ['More', 'Step', 0],
      ['More', 'Respond', 1],
    ],
  ),
}

const split: Step = { name: 'Split Out', type: 'splitOut', typeVersion: 1, parameters: { fieldToSplitOut: 'body.list', options: {} } }
const noAnswer: Step = { name: 'Respond', type: 'respondToWebhook', typeVersion: 1.1, parameters: { respondWith: 'noData', options: {} } }

/** A thousand items, and a Code node over them. */
export const codeOverItems = {
  path: '/webhook/bench-code',
  body: JSON.stringify({ list: Array.from({ length: 1_000 }, (_, index) => ({ index, name: `Name ${index}` })) }),
  step: 'Code',
  file: file(
    'Bench code',
    [
      webhook('bench-code'),
      split,
      code('Code', 'return $input.all().map((item) => ({ json: { ...item.json, double: item.json.index * 2 } }))'),
      noAnswer,
    ],
    [
      ['Webhook', 'Split Out'],
      ['Split Out', 'Code'],
      ['Code', 'Respond'],
    ],
  ),
}

const hundredThousand = 100_000

/** 100,000 items of three fields, about 100 bytes each, through Set, Filter, Sort and Aggregate. */
export const manyItems = {
  path: '/webhook/bench-items',
  body: (): string =>
    JSON.stringify({
      list: Array.from({ length: hundredThousand }, (_, index) => ({
        id: index,
        rank: (index * 7_919) % hundredThousand,
        note: `a note of a usual length on item ${index}, to make it a hundred`,
      })),
    }),
  from: 'Set',
  to: 'Aggregate',
  file: file(
    'Bench items',
    [
      webhook('bench-items'),
      split,
      {
        name: 'Set',
        type: 'set',
        typeVersion: 3.4,
        parameters: {
          includeOtherFields: true,
          assignments: { assignments: [{ id: 'half', name: 'half', value: '={{ $json.rank / 2 }}', type: 'number' }] },
          options: {},
        },
      },
      condition('Filter', 'filter', number('={{ $json.half }}', 'gte', 100)),
      {
        name: 'Sort',
        type: 'sort',
        typeVersion: 1,
        parameters: { sortFieldsUi: { sortField: [{ fieldName: 'rank', order: 'ascending' }] }, options: {} },
      },
      {
        name: 'Aggregate',
        type: 'aggregate',
        typeVersion: 1,
        parameters: { fieldsToAggregate: { fieldToAggregate: [{ fieldToAggregate: 'id' }] }, options: {} },
      },
      noAnswer,
    ],
    [
      ['Webhook', 'Split Out'],
      ['Split Out', 'Set'],
      ['Set', 'Filter'],
      ['Filter', 'Sort'],
      ['Sort', 'Aggregate'],
      ['Aggregate', 'Respond'],
    ],
  ),
}

/** Answers at once with the id of its execution, which goes on a second later: so that who asked can watch it by then. */
export const later = {
  path: '/webhook/bench-later',
  file: file(
    'Bench later',
    [
      { name: 'Webhook', type: 'webhook', typeVersion: 2, parameters: { httpMethod: 'POST', path: 'bench-later', options: {} } },
      { name: 'Wait', type: 'wait', typeVersion: 1.1, parameters: { amount: 1, unit: 'seconds' } },
      set('Set', [['greeting', '=Hello {{ $json.body.name }}', 'string']]),
    ],
    [
      ['Webhook', 'Wait'],
      ['Wait', 'Set'],
    ],
  ),
}

/** A chain of Set nodes with expressions. */
export const bigFile = (nodes: number): object => {
  const steps = Array.from({ length: nodes }, (_, index) =>
    set(`Set ${index}`, [
      ['greeting', `=Hello {{ $json.body.name }}, step ${index}`, 'string'],
      ['amount', `={{ $json.amount + ${index} }}`, 'number'],
      ['lane', 'fast', 'string'],
    ]),
  )
  return file(
    `Bench ${nodes} nodes`,
    steps,
    steps.slice(1).map((_, index): Link => [`Set ${index}`, `Set ${index + 1}`]),
  )
}
