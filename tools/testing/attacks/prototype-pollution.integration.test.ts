import type { JsonObject } from '@weconnect/contracts/json'
import { type EngineFixture, openEngineFixture } from '@weconnect/testing/engine-fixture'
import { manual, type NodeSketch, noOp, setFields, workflowFile } from '@weconnect/testing/n8n-workflow'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

/** CVE-2026-33696, -42231, -42232, -44789, -44791, -110848, GHSA-xwx6-jjhv-84p8: through the import, the engine and every node that takes a name. */
let fixture: EngineFixture
beforeAll(async () => {
  fixture = await openEngineFixture()
})
afterAll(() => fixture?.close())

/** As a request brings it: the keys are the object's own. */
const hostile = (): JsonObject =>
  JSON.parse(`{
    "__proto__": {"polluted": "json"}, "constructor": {"prototype": {"polluted": "json"}}, "prototype": {"polluted": 1}, "toString": "x", "hasOwnProperty": "y",
    "name": "__proto__", "value": {"polluted": "value"}, "path": "__proto__.polluted", "list": [{"__proto__": {"polluted": 1}, "id": "__proto__"}, {"id": "constructor"}],
    "xml": "<a><__proto__><polluted>xml</polluted></__proto__><constructor><prototype><polluted>xml</polluted></prototype></constructor></a>",
    "html": "<p id=\\"__proto__\\">x</p>"
  }`) as JsonObject

const own = [Object, Array, Function, String, Number, Boolean, Date, RegExp, Promise, Map, Set, Error].map(
  (type) => type.prototype as object,
)
const world = () => own.map((prototype) => Reflect.ownKeys(prototype))
const before = world()

const untouched = (): void => {
  expect(world()).toEqual(before)
  expect(({} as Record<string, unknown>)['polluted']).toBeUndefined()
  expect(([] as unknown as Record<string, unknown>)['polluted']).toBeUndefined()
}

const run = async (nodes: Readonly<Record<string, NodeSketch>>, edges: readonly string[], input: readonly JsonObject[] = [hostile()]) => {
  const [report] = await fixture.workflows.importWorkflows(workflowFile('attack', nodes, edges as never), fixture.context)
  const items = input.map((json) => ({ json }))
  const { executionId } = await fixture.executions.run({ workflowId: report!.workflowId, input: items }, fixture.context)
  await fixture.engine.endOf(executionId, AbortSignal.timeout(60_000))
  return fixture.executions.view(executionId, fixture.context.organisationId)
}

const assigning = (fields: readonly (readonly [name: string, value: string, type?: string])[], more: JsonObject = {}): NodeSketch => ({
  type: 'n8n-nodes-base.set',
  version: 3.4,
  parameters: {
    includeOtherFields: true,
    assignments: { assignments: fields.map(([name, value, type = 'string'], index) => ({ id: `f${index}`, name, value, type })) },
    options: {},
    ...more,
  },
})
const base = (type: string, version: number, parameters: JsonObject): NodeSketch => ({
  type: `n8n-nodes-base.${type}`,
  version,
  parameters,
})

const names = [
  '__proto__',
  'constructor',
  'prototype',
  '__proto__.polluted',
  'constructor.prototype.polluted',
  'a.__proto__.polluted',
  'a[__proto__].polluted',
  'a["__proto__"].polluted',
]

const attacks: Readonly<Record<string, NodeSketch>> = {
  'set, dot paths': assigning(names.map((name) => [name, 'set'])),
  'set, the name from the item': assigning([
    ['={{ $json.path }}', 'set'],
    ['={{ $json.name }}', '={{ $json.value }}', 'object'],
  ]),
  'set, JSON mode': base('set', 3.4, {
    mode: 'raw',
    jsonOutput: '{"__proto__": {"polluted": "raw"}, "constructor": {"prototype": {"polluted": 1}}}',
    options: {},
  }),
  'set, included by name': assigning([], { include: 'selected', includeFields: names.join(',') }),
  'set, version 1': base('set', 1, { values: { string: names.map((name) => ({ name, value: 'v1' })) }, options: { dotNotation: true } }),
  renameKeys: base('renameKeys', 1, { keys: { key: names.map((newKey) => ({ currentKey: 'value', newKey })) }, additionalOptions: {} }),
  'renameKeys from': base('renameKeys', 1, {
    keys: { key: names.map((currentKey) => ({ currentKey, newKey: 'stolen' })) },
    additionalOptions: {},
  }),
  splitOut: base('splitOut', 1, { fieldToSplitOut: '__proto__', options: {} }),
  'splitOut into': base('splitOut', 1, { fieldToSplitOut: 'list', options: { destinationFieldName: '__proto__.polluted' } }),
  aggregate: base('aggregate', 1, {
    fieldsToAggregate: { fieldToAggregate: names.map((fieldToAggregate) => ({ fieldToAggregate })) },
    options: {},
  }),
  'aggregate into': base('aggregate', 1, { aggregate: 'aggregateAllItemData', destinationFieldName: '__proto__', options: {} }),
  summarize: base('summarize', 1, {
    fieldsToSummarize: { values: names.map((field) => ({ field, aggregation: 'append' })) },
    fieldsToSplitBy: 'name',
    options: {},
  }),
  'summarize by': base('summarize', 1, {
    fieldsToSummarize: { values: [{ field: 'value', aggregation: 'append' }] },
    fieldsToSplitBy: '__proto__, name',
    options: {},
  }),
  sort: base('sort', 1, { sortFieldsUi: { sortField: names.map((fieldName) => ({ fieldName, order: 'ascending' })) }, options: {} }),
  removeDuplicates: base('removeDuplicates', 1, {
    compare: 'selectedFields',
    fieldsToCompare: '__proto__, constructor.prototype',
    options: {},
  }),
  itemLists: base('itemLists', 3, { operation: 'splitOutItems', fieldToSplitOut: '__proto__.polluted', options: {} }),
  'xml to JSON': base('xml', 1, { mode: 'xmlToJson', dataPropertyName: 'xml', options: {} }),
  'xml to JSON, merged attributes': base('xml', 1, {
    mode: 'xmlToJson',
    dataPropertyName: 'xml',
    options: { mergeAttrs: true, explicitRoot: false },
  }),
  'JSON to xml': base('xml', 1, { mode: 'jsonToxml', dataPropertyName: '__proto__', options: {} }),
  html: base('html', 1.2, {
    operation: 'extractHtmlContent',
    dataPropertyName: 'html',
    extractionValues: { values: [{ key: '__proto__', cssSelector: 'p' }] },
    options: {},
  }),
  crypto: base('crypto', 1, { action: 'hash', type: 'SHA256', value: 'x', dataPropertyName: '__proto__.polluted' }),
  dateTime: base('dateTime', 2, { operation: 'getCurrentDate', outputFieldName: '__proto__', options: {} }),
  splitInBatches: base('splitInBatches', 3, { batchSize: 1, options: {} }),
  code: base('code', 2, {
    jsCode: `Object.prototype.polluted = 1; Array.prototype.polluted = 1; return [{ json: JSON.parse('{"__proto__": {"polluted": 1}}') }]`,
  }),
  'code, static data': base('code', 2, {
    jsCode: `const d = $getWorkflowStaticData('global'); d['__proto__'] = { polluted: 1 }; d.constructor = { prototype: { polluted: 1 } }; return $input.all()`,
  }),
  'execution data': base('executionData', 1, {
    operation: 'save',
    dataToSave: {
      values: [
        { key: '__proto__', value: 'polluted' },
        { key: 'constructor', value: 'x' },
      ],
    },
  }),
}

test.each(Object.entries(attacks))('%s changes no prototype, nor what runs after it', async (_, attack) => {
  const view = await run({ Start: manual, Attack: attack, After: noOp }, ['Start -> Attack', 'Attack -> After'])
  expect(['completed', 'failed']).toContain(view.status)
  untouched()
  const next = await run(
    { Start: manual, Greet: setFields({ text: '={{ [$json.polluted, ({}).polluted, $json.a].length + "" }}' }) },
    ['Start -> Greet'],
    [{ a: 1 }],
  )
  expect((await next.output())[0]?.map(({ json }) => json)).toEqual([{ a: 1, text: '3' }])
})

describe('nodes with names of the language (CVE-2026-110848)', () => {
  test.each(['constructor', 'prototype', 'toString', 'hasOwnProperty', 'valueOf', '__defineGetter__'])('%s', async (name) => {
    const view = await run(
      { Start: manual, [name]: noOp, After: setFields({ text: `={{ $('${name}').first().json.a }}` }) },
      [`Start -> ${name}`, `${name} -> After`],
      [{ a: 1 }],
    )
    expect(view.status).toBe('completed')
    expect((await view.output())[0]?.map(({ json }) => json)).toEqual([{ a: 1, text: '1' }])
    untouched()
  })
  test('__proto__ is refused at the door', async () => {
    const file = JSON.parse(
      JSON.stringify(workflowFile('w', { Start: manual, N: noOp }, ['Start -> N'] as never)).replaceAll('"N"', '"__proto__"'),
    ) as JsonObject
    await expect(fixture.workflows.importWorkflows(file, fixture.context)).rejects.toMatchObject({ code: 'INVALID_INPUT' })
    untouched()
  })
})

describe('a result is never evaluated again (CVE-2026-27493)', () => {
  const bait = '={{ $env.HOME }}{{ 6 * 7 }}'
  test.each<[string, Readonly<Record<string, NodeSketch>>]>([
    ['set after set', { First: setFields({ a: '={{ $json.form }}' }), Second: setFields({ b: '={{ $json.a }}' }) }],
    ['set from code', { First: base('code', 2, { jsCode: 'return $input.all()' }), Second: setFields({ b: '={{ $json.form }}' }) }],
    [
      'the parameters of another node',
      {
        First: setFields({ a: '={{ $json.form }}' }),
        Second: setFields({ b: "={{ $('First').params.assignments.assignments[0].value }}" }),
      },
    ],
  ])('%s', async (_, nodes) => {
    const view = await run({ Start: manual, ...nodes }, ['Start -> First', 'First -> Second'], [{ form: bait }])
    expect(view.status).toBe('completed')
    expect((await view.output())[0]?.[0]?.json['b']).toBe(bait)
  })
})

test('an organisation sees nothing of another: neither executions, workflows, nor what an expression or code left behind', async () => {
  const [report] = await fixture.workflows.importWorkflows(
    workflowFile(
      'theirs',
      {
        Start: manual,
        Keep: base('code', 2, { jsCode: `globalThis.left = 'secret'; Math.left = 'secret'; return [{ json: { left: 'secret' } }]` }),
      },
      ['Start -> Keep'] as never,
    ),
    fixture.context,
  )
  const { executionId } = await fixture.executions.run({ workflowId: report!.workflowId }, fixture.context)
  await fixture.engine.endOf(executionId, AbortSignal.timeout(60_000))
  const other = { ...fixture.context, organisationId: '0d7cbb0e-58a2-4ac2-a2d7-6a3c1b6f0c11' }
  await expect(fixture.executions.view(executionId, other.organisationId)).rejects.toMatchObject({ code: 'NOT_FOUND' })
  await expect(fixture.workflows.load(report!.workflowId, other.organisationId)).rejects.toMatchObject({ code: 'NOT_FOUND' })
  await expect(fixture.executions.run({ workflowId: report!.workflowId }, other)).rejects.toMatchObject({ code: 'NOT_FOUND' })
  const look = workflowFile(
    'ours',
    { Start: manual, Look: base('code', 2, { jsCode: `return [{ json: { seen: [typeof globalThis.left, typeof Math.left] } }]` }) },
    ['Start -> Look'] as never,
  )
  const [mine] = await fixture.workflows.importWorkflows(look, other)
  const second = await fixture.executions.run({ workflowId: mine!.workflowId }, other)
  await fixture.engine.endOf(second.executionId, AbortSignal.timeout(60_000))
  const view = await fixture.executions.view(second.executionId, other.organisationId)
  expect((await view.output())[0]?.[0]?.json).toEqual({ seen: ['undefined', 'undefined'] })
})
