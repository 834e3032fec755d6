import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { JsonObject } from '@weconnect/contracts/json'
import { parseEgressAllow } from '@weconnect/http/address-guard'
import { openEgress } from '@weconnect/http/egress'
import { type EngineFixture, openEngineFixture } from '@weconnect/testing/engine-fixture'
import { manual, type NodeSketch, workflowFile } from '@weconnect/testing/n8n-workflow'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

let fixture: EngineFixture
let address = ''
const server = createServer((request, response) => {
  if (request.url === '/missing') response.writeHead(404, { 'content-type': 'text/plain' }).end('none')
  else
    response
      .writeHead(200, { 'content-type': 'application/json' })
      .end(JSON.stringify({ method: request.method, url: request.url, who: request.headers['x-who'] ?? null }))
})
beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  address = `127.0.0.1:${(server.address() as AddressInfo).port}`
  fixture = await openEngineFixture({ egress: openEgress({ allow: parseEgressAllow(address) }) })
})
afterAll(async () => {
  await fixture?.close()
  server.close()
})

const code = (jsCode: string, mode = 'runOnceForAllItems'): NodeSketch => ({
  type: 'n8n-nodes-base.code',
  version: 2,
  parameters: { mode, jsCode },
})

const run = async (...steps: readonly NodeSketch[]) => {
  const names = steps.map((_, index) => `Step ${index + 1}`)
  const edges = names.map((name, index) => `${index === 0 ? 'Start' : names[index - 1]} -> ${name}`)
  const file = workflowFile('helpers', { Start: manual, ...Object.fromEntries(steps.map((step, index) => [names[index], step])) }, edges)
  const [report] = await fixture.workflows.importWorkflows(file, fixture.context)
  const { executionId } = await fixture.executions.run({ workflowId: report!.workflowId, input: [{ json: {} }] }, fixture.context)
  await fixture.engine.endOf(executionId, AbortSignal.timeout(60_000))
  const view = await fixture.executions.view(executionId, fixture.context.organisationId)
  return { executionId, view, items: view.status === 'completed' ? ((await view.output())[0] ?? []) : [] }
}
const jsonOf = async (...steps: readonly NodeSketch[]): Promise<JsonObject | undefined> => (await run(...steps)).items[0]?.json

const makes = (bytes: string, more = ''): NodeSketch =>
  code(`const file = await this.helpers.prepareBinaryData(${bytes}, 'notes.txt'); return [{ json: {}, binary: { data: file } }]${more}`)

describe('files', () => {
  test.each([
    ['in the item', `Buffer.from('grüße')`, 7, undefined],
    ['beside the items', `Buffer.alloc(100_000, 'ab')`, 100_000, 'blob'],
  ])('a small file is kept %s, and is read again', async (_, bytes, length, data) => {
    const { items, executionId } = await run(
      makes(bytes),
      code(`const bytes = await this.helpers.getBinaryDataBuffer(0, 'data')
        return [{ json: { length: bytes.length, text: bytes.toString('utf8', 0, 7), mimeType: $input.first().binary.data.mimeType }, binary: $input.first().binary }]`),
    )
    expect(items[0]?.json).toMatchObject({ length, mimeType: 'text/plain' })
    expect(items[0]?.binary?.['data']).toMatchObject({ fileName: 'notes.txt', fileExtension: 'txt', ...(data && { data }) })
    expect(await fixture.executions.replay(executionId, fixture.context.organisationId)).toMatchObject({ equal: true })
  })

  test('for each item, and changed', async () => {
    const each = code(
      `const file = $input.item.binary.data
       const bytes = await helpers.getBinaryDataBuffer($itemIndex, 'data')
       return { json: { seen: bytes.toString() }, binary: { data: await helpers.setBinaryDataBuffer(file, Buffer.from('new')) } }`,
      'runOnceForEachItem',
    )
    const { items } = await run(makes(`Buffer.from('old')`), each)
    expect(items[0]).toMatchObject({
      json: { seen: 'old' },
      binary: { data: { fileName: 'notes.txt', data: Buffer.from('new').toString('base64') } },
    })
  })

  test('what is not there can be caught, also bytes of another organisation', async () => {
    const foreign = `{ data: 'blob', id: 'blob:raw:k:00000000-0000-4000-8000-000000000000/${'0'.repeat(64)}' }`
    const messages = await jsonOf(
      code(`const messages = []
        for (const file of ['nothing', ${foreign}]) await this.helpers.getBinaryDataBuffer(0, file).catch((error) => messages.push(error.message))
        return [{ json: { messages } }]`),
    )
    expect(messages).toEqual({
      messages: [
        "This operation expects the node's input data to contain a binary file 'nothing', but none was found [item 0]",
        'The bytes of this file are not kept here',
      ],
    })
  })

  test('a file that is too large for a step ends the step only', async () => {
    const { view } = await run(makes(`Buffer.alloc(60_000_000)`))
    expect(view.status).toBe('failed')
    expect(await jsonOf(code('return [{ json: { alive: true } }]'))).toEqual({ alive: true })
  })
})

describe('requests', () => {
  test('through the egress client, recorded, and answered again by a replay', async () => {
    const { items, executionId } = await run(
      code(`const answer = await this.helpers.httpRequest({ url: 'http://${address}/a', qs: { b: 1 }, headers: { 'X-Who': 'me' }, json: true })
        const missing = await this.helpers.httpRequest({ method: 'POST', url: 'http://${address}/missing', body: { c: 2 } }).catch((error) => error.httpCode)
        const whole = await this.helpers.httpRequest({ url: 'http://${address}/missing', ignoreHttpStatusErrors: true, returnFullResponse: true })
        return [{ json: { answer, missing, status: whole.statusCode, body: whole.body } }]`),
    )
    expect(items[0]?.json).toEqual({ answer: { method: 'GET', url: '/a?b=1', who: 'me' }, missing: '404', status: 404, body: 'none' })
    expect(await fixture.executions.replay(executionId, fixture.context.organisationId)).toMatchObject({ equal: true })
  })

  test('an address inside is refused, and so is a request by a name that is put together', async () => {
    const refused = await jsonOf(
      code(
        `const text = await this.helpers.httpRequest('http://169.254.169.254/latest').catch((error) => error.message); return [{ json: { text } }]`,
      ),
    )
    expect(refused?.['text']).toMatch(/not allowed|denied|refused/i)
    const hidden = await jsonOf(
      code(
        `const text = await this.helpers['http' + 'Request']('http://${address}/a').catch((error) => error.message); return [{ json: { text } }]`,
      ),
    )
    expect(hidden?.['text']).toContain('by its name')
  })
})
