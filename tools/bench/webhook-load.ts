import type { Bare } from './bare.ts'
import { runLoad } from './load.ts'
import type { Effort, W1Row, W2Row } from './measures.ts'
import { activate, caughtUp, type Product, projections } from './product.ts'
import { medianOf } from './statistics.ts'
import { w1, w2 } from './workflows.ts'

const w1Connections = [1, 16, 64] as const
const w2Connections = [1, 16] as const
const w2Items = 1000

/** W1: every point alternates between the product and the bare handler, so that both see the same machine. */
export const measureW1 = async (product: Product, bare: Bare, effort: Effort, say: (text: string) => void): Promise<readonly W1Row[]> => {
  await activate(product, w1.file)
  const perRequest = await eventsPerRequest(product, w1)
  const rounds = new Map<number, W1Row[]>(w1Connections.map((connections) => [connections, []]))
  for (let round = 1; round <= effort.rounds; round += 1)
    for (const connections of w1Connections) {
      say(`W1, ${connections} connections, round ${round} of ${effort.rounds}`)
      rounds.get(connections)?.push(await pointOfW1(product, bare, connections, perRequest, effort))
    }
  return [...rounds.values()].map(medianOf)
}

const pointOfW1 = async (product: Product, bare: Bare, connections: number, perRequest: number, effort: Effort): Promise<W1Row> => {
  const common = { body: w1.body, connections, warmUpSeconds: effort.warmUpSeconds }
  const limit = await runLoad({ ...common, port: bare.port, path: '/webhook/bare', seconds: effort.bareSeconds })
  const before = product.usage()
  const load = await runLoad({ ...common, port: product.port, path: w1.path, seconds: effort.seconds })
  const ended = performance.now()
  const lag = Math.max(0, ...(await projections(product)).map((each) => each.lag))
  const after = product.usage()
  const answered = performance.now() - ended
  const catchUp = await caughtUp(product, effort.catchUpLimitMs)
  // The requests of the warm-up used CPU as well.
  const requests = load.requestsPerSecond * (effort.seconds + effort.warmUpSeconds)
  return {
    connections,
    requestsPerSecond: load.requestsPerSecond,
    bareRequestsPerSecond: limit.requestsPerSecond,
    ratio: load.requestsPerSecond / limit.requestsPerSecond,
    p50Ms: load.p50Ms,
    p99Ms: load.p99Ms,
    bareP50Ms: limit.p50Ms,
    bareP99Ms: limit.p99Ms,
    cpuMsPer1000: before && after ? ((after.cpuMs - before.cpuMs) / requests) * 1000 : -1,
    rssMb: after?.memoryMb ?? -1,
    lagMsAtEnd: (lag / (load.requestsPerSecond * perRequest)) * 1000,
    catchUpMs: catchUp === undefined ? -1 : catchUp + answered,
  }
}

/** W2: a thousand items through five nodes, user code among them. */
export const measureW2 = async (product: Product, effort: Effort, say: (text: string) => void): Promise<readonly W2Row[]> => {
  await activate(product, w2.file)
  const rows: W2Row[] = []
  for (const connections of w2Connections) {
    say(`W2, ${connections} connections`)
    const seconds = effort.seconds / 2
    const load = await runLoad({
      port: product.port,
      path: w2.path,
      body: w2.body,
      connections,
      warmUpSeconds: effort.warmUpSeconds,
      seconds,
    })
    const { requestsPerSecond, p50Ms, p99Ms } = load
    rows.push({ connections, requestsPerSecond, itemsPerSecond: requestsPerSecond * w2Items, p50Ms, p99Ms })
    await caughtUp(product, effort.catchUpLimitMs)
  }
  return rows
}

/** Events that one request leaves in the log, from the last execution of a single request. */
const eventsPerRequest = async (product: Product, workflow: { path: string; body: string }): Promise<number> => {
  const answer = await fetch(`http://127.0.0.1:${product.port}${workflow.path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: workflow.body,
  })
  if (!answer.ok) throw new Error(`${workflow.path} answered ${answer.status}: ${await answer.text()}`)
  await answer.text()
  return (await newestExecution(product)).events
}

/** The execution that was requested last, once the read model has it. */
export const newestExecution = async (product: Product): Promise<{ id: string; events: number }> => {
  await caughtUp(product, 30_000)
  const { executions } = await product.query<{
    executions: { edges: readonly { node: { id: string; events: { totalCount: number } } }[] }
  }>('{ executions(first: 1) { edges { node { id events(first: 1) { totalCount } } } } }')
  const newest = executions.edges[0]?.node
  if (newest === undefined) throw new Error('no execution in the list')
  return { id: newest.id, events: newest.events.totalCount }
}
