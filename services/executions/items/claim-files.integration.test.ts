import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { keptData } from '@weconnect/contracts/binaries'
import type { Item } from '@weconnect/contracts/items'
import { openFolderFiles } from '@weconnect/files/folder-files'
import { type EngineFixture, openEngineFixture } from '@weconnect/testing/engine-fixture'
import { afterAll, beforeAll, expect, test } from 'vitest'

const text = 'a line of a large file\n'.repeat(5000)
let folder: string
let fixture: EngineFixture
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'weconnect-claim-'))
  writeFileSync(join(folder, 'large.txt'), text)
  fixture = await openEngineFixture({ files: openFolderFiles({ folders: [folder] }) })
})
afterAll(async () => {
  await fixture.close()
  rmSync(folder, { recursive: true })
})

const node = (name: string, type: string, parameters: object, typeVersion = 1) => ({
  id: name,
  name,
  type: `n8n-nodes-base.${type}`,
  typeVersion,
  position: [0, 0],
  parameters,
})
const chain = (...names: string[]) =>
  Object.fromEntries(names.slice(1).map((to, index) => [names[index], { main: [[{ node: to, type: 'main', index: 0 }]] }]))

const run = async (workflow: object, input: readonly Item[] = [{ json: {} }]) => {
  const { workflows, engine, executions, context } = fixture
  const [imported] = await workflows.importWorkflows({ name: 'files', settings: { executionOrder: 'v1' }, ...workflow } as never, context)
  const executionId = crypto.randomUUID()
  const { ended } = engine.execute({
    executionId,
    workflowId: imported!.workflowId,
    workflowVersion: 0,
    workflowRevision: imported!.revision,
    trigger: 'manual',
    input: [input],
    context,
  })
  expect(await ended).toMatchObject({ kind: 'completed' })
  return executions.view(executionId, context.organisationId).then((view) => ({ executionId, view }))
}

test('a large file is named by the events and read by whoever needs it', async () => {
  const { executionId, view } = await run({
    nodes: [
      node('Start', 'manualTrigger', {}),
      node('Read', 'readBinaryFile', { filePath: 'large.txt' }),
      node(
        'Mark',
        'set',
        {
          assignments: { assignments: [{ name: 'a', value: '1', type: 'string' }] },
          options: { stripBinary: false },
          includeOtherFields: true,
        },
        3.4,
      ),
      node('Text', 'extractFromFile', { operation: 'text' }),
    ],
    connections: chain('Start', 'Read', 'Mark', 'Text'),
  })
  const outputs = await Promise.all(view.steps.map((step) => step.output()))
  const [read, marked] = [outputs[1]?.[0]?.[0]?.binary?.['data'], outputs[2]?.[0]?.[0]?.binary?.['data']]
  expect(read).toMatchObject({ data: keptData, fileName: 'large.txt', bytes: text.length })
  expect(marked).toEqual(read)
  expect(outputs[3]?.[0]?.[0]?.json['data']).toBe(text)
  expect((await fixture.engine.bytesOf(read!, fixture.context.organisationId)).toString()).toBe(text)
  await expect(fixture.engine.bytesOf(read!, crypto.randomUUID())).rejects.toMatchObject({ code: 'PAYLOAD_UNREADABLE' })
  const report = await fixture.executions.replay(executionId, fixture.context.organisationId)
  expect(report).toMatchObject({ equal: true, differences: [] })
})

test('a large file that an execution begins with, or that is pinned, is kept elsewhere as well', async () => {
  const file = { data: Buffer.from(text).toString('base64'), mimeType: 'text/plain' }
  const given = { json: {}, binary: { data: file } }
  const nodes = [node('Start', 'manualTrigger', {}), node('Pinned', 'noOp', {})]
  const { view } = await run({ nodes, connections: chain('Start', 'Pinned'), pinData: { Pinned: [given] } }, [given])
  for (const outputs of [await view.input(), await view.steps[1]!.output()])
    expect(outputs[0]?.[0]?.binary?.['data']).toMatchObject({ data: keptData, mimeType: 'text/plain' })
})

test('a small file stays in the item', async () => {
  const file = { data: Buffer.from('small').toString('base64'), mimeType: 'text/plain' }
  const { view } = await run({ nodes: [node('Start', 'manualTrigger', {})], connections: {} }, [{ json: {}, binary: { data: file } }])
  expect((await view.input())[0]?.[0]?.binary?.['data']).toEqual(file)
})
