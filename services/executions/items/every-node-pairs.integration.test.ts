import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { HttpRequest, HttpResponse } from '@weconnect/contracts/http'
import type { Item, PairedItem } from '@weconnect/contracts/items'
import type { JsonObject } from '@weconnect/contracts/json'
import type { MailAnswer } from '@weconnect/contracts/mail'
import { openFolderFiles } from '@weconnect/files/folder-files'
import { builtInNodes } from '@weconnect/nodes/built-in/all'
import { type EngineFixture, openEngineFixture } from '@weconnect/testing/engine-fixture'
import { manual, type NodeSketch, setFields, workflowFile } from '@weconnect/testing/n8n-workflow'
import { afterAll, beforeAll, expect, test } from 'vitest'

const folder = mkdtempSync(join(tmpdir(), 'weconnect-pairs-'))
const feed = '<rss version="2.0"><channel><title>t</title><item><title>a</title></item><item><title>b</title></item></channel></rss>'
const answer = ({ url }: HttpRequest): HttpResponse => ({
  status: 200,
  statusText: 'OK',
  headers: { 'content-type': url.includes('feed') ? 'application/xml' : 'application/json' },
  body: url.includes('feed') ? feed : url.includes('graphql') ? '{"data":{"a":1}}' : '[{"a":1},{"a":2}]',
  bodyEncoding: 'utf8',
  url,
})
const mailed: MailAnswer = {
  accepted: ['b@x.test'],
  rejected: [],
  messageId: 'm',
  response: '250 OK',
  envelope: { from: 'a@x.test', to: ['b@x.test'] },
}

let fixture: EngineFixture
beforeAll(async () => {
  fixture = await openEngineFixture({
    files: openFolderFiles({ folders: [folder] }),
    egress: { request: async (request) => answer(request) },
    mailer: { send: async () => mailed, verify: async () => undefined },
  })
}, 60_000)
afterAll(async () => {
  await fixture.close()
  rmSync(folder, { recursive: true })
})

const items = [1, 2, 3, 4, 5].map(
  (id): Item => ({
    json: {
      id,
      even: id % 2 === 0,
      text: `text ${id}`,
      list: [{ v: id }, { v: -id }],
      date: '2026-03-04',
      html: '<p>x</p>',
      xml: `<a><b>${id}</b></a>`,
      json: `{"id":${id}}`,
      same: id > 3,
    },
  }),
)

/** Conditions of If, Filter and Switch that hold for some items. */
const even = {
  options: { caseSensitive: true, leftValue: '', typeValidation: 'strict', version: 2 },
  combinator: 'and',
  conditions: [
    { id: 'c', leftValue: '={{ $json.even }}', rightValue: '', operator: { type: 'boolean', operation: 'true', singleValue: true } },
  ],
}
const classicEven = { boolean: [{ value1: '={{ $json.even }}', operation: 'equal', value2: true }] }
const pass = { functionCode: 'return items' }
const list = { fieldsToAggregate: { fieldToAggregate: [{ fieldToAggregate: 'id' }] } }
const sum = { fieldsToSummarize: { values: [{ aggregation: 'sum', field: 'id' }] }, fieldsToSplitBy: 'even' }
const mail = { fromEmail: 'a@x.test', toEmail: 'b@x.test', subject: 's', emailFormat: 'text', text: 't' }
const values = { extractionValues: { values: [{ key: 'p', cssSelector: 'p', returnValue: 'text' }] } }

/** By the last part of the type; several when their versions or operations take other ways. `after`: the node that it is given items by. */
const nodes: Readonly<
  Record<string, readonly { readonly parameters?: JsonObject; readonly versions?: readonly number[]; readonly after?: string }[]>
> = {
  aggregate: [{ parameters: list }, { parameters: { aggregate: 'aggregateAllItemData' } }],
  code: [
    { parameters: { jsCode: 'return items' } },
    { parameters: { mode: 'runOnceForEachItem', jsCode: 'return $json.even ? { n: $json.id } : null' }, versions: [2] },
  ],
  compression: [{ parameters: { operation: 'compress', outputFormat: 'zip', fileName: 'f.zip' }, after: 'Files' }],
  convertToFile: [
    { parameters: { operation: 'toText', sourceProperty: 'text' } },
    { parameters: { operation: 'csv' } },
    { parameters: { operation: 'toJson', mode: 'each' } },
  ],
  crypto: [{ parameters: { action: 'hash', value: '={{ $json.text }}' } }, { parameters: { action: 'generate' } }],
  dateTime: [
    { parameters: { value: '={{ $json.date }}' }, versions: [1] },
    { parameters: { operation: 'formatDate', date: '={{ $json.date }}' }, versions: [2] },
  ],
  debugHelper: [{ parameters: { category: 'doNothing' } }],
  emailSend: [{ parameters: mail }],
  executeWorkflow: [{ parameters: { workflowId: '$called' } }, { parameters: { workflowId: '$called', mode: 'each' } }],
  executionData: [{ parameters: { dataToSave: { values: [{ key: 'k', value: '={{ $json.id }}' }] } } }],
  extractFromFile: [{ parameters: { operation: 'text' }, after: 'Files' }],
  filter: [{ parameters: { conditions: classicEven }, versions: [1] }, { parameters: { conditions: even } }],
  function: [{ parameters: pass }],
  functionItem: [{ parameters: { functionCode: 'return item' } }],
  graphql: [{ parameters: { endpoint: 'http://x.test/graphql', query: 'query { a }', requestFormat: 'json' } }],
  html: [
    { parameters: { html: '<p>{{ $json.id }}</p>' } },
    { parameters: { operation: 'extractHtmlContent', dataPropertyName: 'html', ...values } },
    { parameters: { operation: 'convertToHtmlTable' } },
  ],
  htmlExtract: [{ parameters: { dataPropertyName: 'html', ...values } }],
  httpRequest: [
    { parameters: { url: 'http://x.test/', options: { splitIntoItems: true } }, versions: [1, 2] },
    { parameters: { url: 'http://x.test/' }, versions: [3, 4, 4.4] },
  ],
  if: [{ parameters: { conditions: classicEven }, versions: [1] }, { parameters: { conditions: even } }],
  itemLists: [{ parameters: { fieldToSplitOut: 'list' } }, { parameters: { operation: 'limit', maxItems: 2 } }],
  limit: [{ parameters: { maxItems: 2, keep: 'lastItems' } }],
  markdown: [{ parameters: { html: '={{ $json.html }}' } }],
  moveBinaryData: [
    { parameters: { mode: 'jsonToBinary', convertAllData: true } },
    { parameters: { setAllData: true }, after: 'Json files' },
  ],
  n8nTrainingCustomerMessenger: [{}],
  noOp: [{}],
  readWriteFile: [{ parameters: { operation: 'write', fileName: `=${folder}/{{ $json.id ?? $itemIndex }}.txt` }, after: 'Files' }],
  writeBinaryFile: [{ parameters: { fileName: `=${folder}/old-{{ $itemIndex }}.txt` }, after: 'Files' }],
  readBinaryFile: [{ parameters: { filePath: `${folder}/0.txt` }, after: 'Written' }],
  removeDuplicates: [
    { parameters: { compare: 'selectedFields', fieldsToCompare: 'same' } },
    { parameters: { operation: 'removeItemsSeenInPreviousExecutions', dedupeValue: '={{ $json.same }}' }, versions: [2] },
  ],
  renameKeys: [{ parameters: { keys: { key: [{ currentKey: 'id', newKey: 'n' }] } } }],
  respondToWebhook: [{}],
  rssFeedRead: [{ parameters: { url: 'http://x.test/feed' } }],
  set: [
    { parameters: { values: { string: [{ name: 'a', value: 'b' }] } }, versions: [1, 2] },
    { parameters: { mode: 'raw', jsonOutput: '{"a":1}' }, versions: [3, 3.4] },
  ],
  sort: [{ parameters: { sortFieldsUi: { sortField: [{ fieldName: 'id', order: 'descending' }] } } }],
  splitInBatches: [{ parameters: { batchSize: 2 } }],
  splitOut: [{ parameters: { fieldToSplitOut: 'list' } }, { parameters: { fieldToSplitOut: 'list', include: 'allOtherFields' } }],
  spreadsheetFile: [{ parameters: { operation: 'toFile' } }, { parameters: {}, after: 'Sheet' }],
  summarize: [{ parameters: sum }],
  switch: [
    { parameters: { dataType: 'boolean', value1: '={{ $json.even }}', rules: { rules: [{ value2: true }] } }, versions: [1, 2] },
    { parameters: { rules: { values: [{ conditions: even }] }, options: { fallbackOutput: 'extra' } }, versions: [3, 3.4] },
  ],
  wait: [{ parameters: { amount: 0 } }],
  xml: [{ parameters: { dataPropertyName: 'xml' } }, { parameters: { mode: 'jsonToxml' } }],
}

/** What they make depends on the outside, on a secret or on a person; their own tests look at how it is paired. */
const elsewhere = new Set([
  ...['approval', 'waitForSignal', 'jwt', 'totp', 'readPDF', 'readBinaryFiles', 'n8nTrainingCustomerDatastore', 'stopAndError'],
])

const shortOf = (type: string): string => type.slice(type.lastIndexOf('.') + 1)
const single = builtInNodes.map(({ definition }) => definition).filter(({ inputs, isTrigger }) => inputs.length === 1 && !isTrigger)

interface Try {
  readonly name: string
  readonly sketch: NodeSketch
  readonly after: string
}
const tries = single.flatMap(({ name: type, versions }) =>
  (nodes[shortOf(type)] ?? []).flatMap(({ parameters = {}, versions: some = versions, after = 'Start' }, place): Try[] =>
    some
      .filter((version) => versions.includes(version))
      .map((version) => ({ name: `${shortOf(type)} ${version} ${place}`, after, sketch: { type, version, parameters } })),
  ),
)

const goingOn = (sketch: NodeSketch): NodeSketch => ({ ...sketch, options: { onError: 'continueRegularOutput' } })

const pairsOf = ({ pairedItem }: Item): readonly PairedItem[] =>
  [pairedItem ?? []].flat().map((pair) => (typeof pair === 'number' ? { item: pair } : pair))

test('every node with one input is looked at', () => {
  const known = new Set([...Object.keys(nodes), ...elsewhere])
  expect(single.map(({ name }) => shortOf(name)).filter((name) => !known.has(name))).toEqual([])
})

test('what a node makes says of which items it was made, and an expression behind it finds them', { timeout: 120_000 }, async () => {
  const called = workflowFile('Called', { In: { type: 'n8n-nodes-base.executeWorkflowTrigger' } }, [])
  const [{ workflowId: calledId } = { workflowId: '' }] = await fixture.workflows.importWorkflows(called, fixture.context)
  const named = ({ parameters, ...sketch }: NodeSketch): NodeSketch => ({
    ...sketch,
    parameters: JSON.parse(JSON.stringify(parameters).replaceAll('$called', calledId)) as JsonObject,
  })
  const { credentialId } = (
    await fixture.credentials.create({ name: 'Mail', type: 'smtp', data: { host: 'x.test', port: 25 } }, fixture.context)
  ).credential
  const withCredential = (sketch: NodeSketch): NodeSketch =>
    sketch.type.endsWith('emailSend') ? { ...sketch, options: { credentials: { smtp: { id: credentialId } } } } : sketch
  const toText: NodeSketch = {
    type: 'n8n-nodes-base.convertToFile',
    version: 1.1,
    parameters: { operation: 'toText', sourceProperty: 'text' },
  }
  const file = workflowFile(
    'pairs',
    {
      Start: manual,
      Files: toText,
      'Json files': { ...toText, parameters: { operation: 'toText', sourceProperty: 'json' } },
      Sheet: { ...toText, parameters: { operation: 'xlsx' } },
      Written: { type: 'n8n-nodes-base.readWriteFile', parameters: { operation: 'write', fileName: `=${folder}/{{ $itemIndex }}.txt` } },
      ...Object.fromEntries(tries.map(({ name, sketch }) => [name, withCredential(named(sketch))])),
      ...Object.fromEntries(tries.map(({ name }) => [`After ${name}`, goingOn(setFields({ origin: "={{ $('Start').item.json.id }}" }))])),
    },
    [
      ...['Start -> Files', 'Start -> Json files', 'Start -> Sheet', 'Files -> Written'],
      ...tries.flatMap(({ name, after }) => [`${after} -> ${name}`, `${name} -> After ${name}`]),
    ],
  )
  const [{ workflowId } = { workflowId: '' }] = await fixture.workflows.importWorkflows(file, fixture.context)
  const { executionId } = await fixture.executions.run({ workflowId, input: items }, fixture.context)
  await fixture.engine.endOf(executionId, AbortSignal.timeout(100_000))
  const { steps, status, error } = await fixture.executions.view(executionId, fixture.context.organisationId)
  expect([status, error]).toEqual(['completed', undefined])
  const stepOf = (name: string) => steps.find(({ nodeName }) => nodeName === name)
  for (const { name, after } of tries) {
    const given = (await stepOf(name)!.input())[0]!
    const made = (await stepOf(name)!.output()).flatMap((output) => output ?? [])
    const places = made.map((item) => pairsOf(item).map(({ item: place }) => place))
    expect(made, name).not.toEqual([])
    expect(places.flat().length, name).toBeGreaterThanOrEqual(made.length)
    expect(
      places.flat().filter((place) => given[place] === undefined),
      name,
    ).toEqual([])
    // A spreadsheet of all items is made of all of them.
    const origins = places.map((pair) => (pair.length > 1 || after === 'Sheet' ? undefined : String(pair[0]! + 1)))
    const found = ((await stepOf(`After ${name}`)?.output())?.[0] ?? []).map(({ json }) => json)
    expect(
      found.map(({ origin }) => origin),
      name,
    ).toEqual(origins.slice(0, found.length))
    for (const { origin, error } of found) if (origin === undefined) expect(error, name).toContain('Multiple matches')
  }
})
