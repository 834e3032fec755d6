import { globSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { newFolder, type Product, startProduct } from '@weconnect/bench/product'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

const examples = fileURLToPath(new URL('../../examples/workflows', import.meta.url))
const files = globSync('*.json', { cwd: examples }).sort()
const read = (file: string): object => JSON.parse(readFileSync(join(examples, file), 'utf8')) as object

let folder = ''
let product: Product
beforeAll(async () => {
  const made = newFolder()
  folder = made.folder
  product = await startProduct(made.data)
})
afterAll(async () => {
  await product?.stop()
  rmSync(folder, { recursive: true, force: true })
})

interface Imported {
  readonly importWorkflow: {
    readonly workflows: readonly { readonly notes: readonly unknown[]; readonly workflow: { readonly id: string } }[]
  }
}
const importFile = async (file: string): Promise<{ id: string; notes: readonly unknown[] }> => {
  const { importWorkflow } = await product.query<Imported>(
    'mutation ($json: JSON!) { importWorkflow(json: $json) { workflows { notes { node message } workflow { id } } } }',
    { json: read(file) },
  )
  const [report] = importWorkflow.workflows
  if (report === undefined) throw new Error(`${file} holds no workflow`)
  return { id: report.workflow.id, notes: report.notes }
}
const call = async (path: string, body: unknown): Promise<{ status: number; json: unknown }> => {
  const answer = await fetch(`http://127.0.0.1:${product.port}/webhook/${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })
  return { status: answer.status, json: await answer.json() }
}

describe('the examples', () => {
  test.each(files)('%s imports without a note, comes back as it was, and goes live', async (file) => {
    const { id, notes } = await importFile(file)
    expect(notes).toEqual([])
    const { exportWorkflow } = await product.query<{ exportWorkflow: object }>('query ($id: ID!) { exportWorkflow(id: $id) }', { id })
    expect(exportWorkflow).toEqual(read(file))
    await product.query('mutation ($id: ID!) { activateWorkflow(workflowId: $id) { version } }', { id })
  })

  test.each([
    ['hello', { name: 'Ada' }, 200, { greeting: 'Hello, Ada!', letters: 3 }],
    ['hello', {}, 200, { greeting: 'Hello, world!', letters: 5 }],
    ['orders', { order: 'A-1', amount: 1200 }, 200, { order: 'A-1', lane: 'review', reason: 'Amount 1200 is 1000 or more' }],
    ['orders', { order: 'A-2', amount: 100 }, 200, { order: 'A-2', lane: 'check', reason: 'Amount 100 is 100 or more' }],
    ['orders', { order: 'A-3', amount: 5 }, 200, { order: 'A-3', lane: 'pass', reason: 'Small amount' }],
    ['orders', { order: 'A-4' }, 400, { error: 'amount is missing' }],
    ['measure', { text: 'one two three' }, 200, { length: 13, words: 3, shout: 'ONE TWO THREE' }],
    ['ship', { carrier: 'up' }, 200, { status: 'booked', carrier: 'up' }],
    ['ship', { carrier: 'down' }, 503, { status: 'failed', reason: expect.stringContaining('carrier is down') }],
    [
      'totals',
      {
        lines: [
          { sku: 'pen', price: 2, count: 3 },
          { sku: 'ink', price: 30, count: 1 },
        ],
      },
      200,
      [{ sku: 'ink', total: 30 }],
    ],
  ])('/webhook/%s with %j answers %i', async (path, body, status, json) => {
    expect(await call(path, body)).toEqual({ status, json })
  })
})
