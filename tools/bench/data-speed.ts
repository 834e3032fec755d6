import { rmSync } from 'node:fs'
import type { Effort, W7 } from './measures.ts'
import { activate, newFolder, type Product, startProduct } from './product.ts'
import { median } from './statistics.ts'
import { newestExecution } from './webhook-load.ts'
import { bigFile, codeOverItems, manyItems } from './workflows.ts'

interface StepTime {
  readonly nodeName: string
  readonly startedAt: string
  readonly durationMs: number
}

const post = async (product: Product, path: string, body: string): Promise<number> => {
  const start = performance.now()
  const answer = await fetch(`http://127.0.0.1:${product.port}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body,
  })
  const text = await answer.text()
  if (!answer.ok) throw new Error(`${path} answered ${answer.status}: ${text.slice(0, 300)}`)
  return performance.now() - start
}

const stepsOfNewest = async (product: Product): Promise<readonly StepTime[]> => {
  const { id } = await newestExecution(product)
  const { execution } = await product.query<{ execution: { status: string; steps: { edges: readonly { node: StepTime }[] } } }>(
    'query ($id: ID!) { execution(id: $id) { status steps(first: 20) { edges { node { nodeName startedAt durationMs } } } } }',
    { id },
  )
  if (execution.status !== 'completed') throw new Error(`execution ${id} is ${execution.status}`)
  return execution.steps.edges.map(({ node }) => node)
}

const stepNamed = (steps: readonly StepTime[], name: string): StepTime => {
  const step = steps.find(({ nodeName }) => nodeName === name)
  if (step === undefined) throw new Error(`no step ${name}`)
  return step
}

const measureCode = async (product: Product, rounds: number): Promise<Pick<W7, 'codeStepMs' | 'codeRequestMs'>> => {
  await activate(product, codeOverItems.file)
  for (let warmUp = 0; warmUp < 5; warmUp += 1) await post(product, codeOverItems.path, codeOverItems.body)
  const times: { readonly request: number; readonly step: number }[] = []
  for (let round = 0; round < rounds; round += 1) {
    const request = await post(product, codeOverItems.path, codeOverItems.body)
    times.push({ request, step: stepNamed(await stepsOfNewest(product), codeOverItems.step).durationMs })
  }
  return { codeStepMs: median(times.map(({ step }) => step)), codeRequestMs: median(times.map(({ request }) => request)) }
}

const measureItems = async (product: Product, rounds: number): Promise<Pick<W7, 'stepsMs' | 'requestMs' | 'nodeRssMb'>> => {
  await activate(product, manyItems.file)
  const body = manyItems.body()
  const times: { readonly request: number; readonly steps: number }[] = []
  for (let round = 0; round <= rounds; round += 1) {
    const request = await post(product, manyItems.path, body)
    const steps = await stepsOfNewest(product)
    const first = stepNamed(steps, manyItems.from)
    const last = stepNamed(steps, manyItems.to)
    times.push({ request, steps: Date.parse(last.startedAt) + last.durationMs - Date.parse(first.startedAt) })
  }
  const warm = times.slice(1)
  return {
    stepsMs: median(warm.map(({ steps }) => steps)),
    requestMs: median(warm.map(({ request }) => request)),
    nodeRssMb: product.peakNodeMemory(),
  }
}

const measureImport = async (product: Product, rounds: number): Promise<number> => {
  const json = bigFile(500)
  const times: number[] = []
  for (let round = 0; round <= rounds; round += 1) {
    const start = performance.now()
    await product.query('mutation ($json: JSON!) { importWorkflow(json: $json) { workflows { nodes } } }', { json })
    times.push(performance.now() - start)
  }
  return median(times.slice(1))
}

/** W7: many items and many nodes, in a product of its own: what others did before would be in its memory. */
export const measureW7 = async (effort: Effort, say: (text: string) => void): Promise<W7> => {
  const { folder, data } = newFolder()
  try {
    const product = await startProduct(data)
    try {
      say('W7, 100,000 items')
      const items = await measureItems(product, effort.dataRounds)
      say('W7, code over 1,000 items')
      const code = await measureCode(product, effort.dataRounds)
      say('W7, import of 500 nodes')
      return { ...code, ...items, importMs: await measureImport(product, effort.dataRounds) }
    } finally {
      await product.stop()
    }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
