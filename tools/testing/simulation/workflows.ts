import type { JsonObject } from '@weconnect/contracts/json'
import { ifTrue, manual, type NodeSketch, noOp, setFields, workflowFile } from '../n8n-workflow.ts'
import type { Chance } from './chance.ts'

/** Called by others; does one thing that must not be done twice. */
export const childFile = (): JsonObject =>
  workflowFile(
    'Child',
    {
      Called: { type: 'n8n-nodes-base.executeWorkflowTrigger', version: 1.1, parameters: { inputSource: 'passthrough' } },
      Post: post('/keyed', "={{ { call: $json.call + '/Post/' + $runIndex + '/' + $itemIndex } }}", { afterCrash: 'repeat' }),
      Rest: waitSeconds(2),
    },
    ['Called -> Post', 'Post -> Rest'],
  )

const post = (path: string, jsonBody: string, options: JsonObject): NodeSketch => ({
  type: 'n8n-nodes-base.httpRequest',
  version: 4.2,
  parameters: { method: 'POST', url: `https://provider.example${path}`, sendBody: true, specifyBody: 'json', jsonBody, options: {} },
  options,
})

const waitSeconds = (amount: number): NodeSketch => ({
  type: 'n8n-nodes-base.wait',
  version: 1.1,
  parameters: { resume: 'timeInterval', amount, unit: 'seconds' },
})

const callOf = (node: string): string => `={{ { call: $('Start').first().json.delivery + '/${node}/' + $runIndex + '/' + $itemIndex } }}`

const tries = (chance: Chance): JsonObject =>
  chance.happens(0.5) ? { retryOnFail: true, maxTries: chance.between(2, 3), waitBetweenTries: chance.pick([0, 200, 5_000]) } : {}

const onError = (chance: Chance): JsonObject => (chance.happens(0.3) ? { onError: 'continueRegularOutput' } : {})

interface Sketch {
  readonly nodes: Record<string, NodeSketch>
  readonly edges: string[]
  /** Where the next piece goes on: `name` or `name:output`. */
  tail: string
}

type Piece = (sketch: Sketch, name: string, chance: Chance, childId: string) => void

const then = (sketch: Sketch, name: string, node: NodeSketch): void => {
  sketch.nodes[name] = node
  sketch.edges.push(`${sketch.tail} -> ${name}`)
  sketch.tail = name
}

const keyed: Piece = (sketch, name, chance) =>
  then(sketch, name, post('/keyed', callOf(name), { afterCrash: 'repeat', ...tries(chance), ...onError(chance) }))

const pieces: readonly Piece[] = [
  keyed,
  keyed,
  (sketch, name, chance) => then(sketch, name, post('/plain', callOf(name), onError(chance))),
  (sketch, name) => then(sketch, name, setFields({ [name]: '={{ $now.toMillis() }}-{{ $runIndex }}' })),
  (sketch, name, chance) => then(sketch, name, waitSeconds(chance.pick([1, 7, 60, 4_000]))),
  // A branch that may have nothing, and a merge that then goes on without it.
  (sketch, name, chance) => {
    then(sketch, name, ifTrue(`={{ $itemIndex % 2 === ${chance.between(0, 1)} }}`))
    sketch.nodes[`${name}a`] = post('/keyed', callOf(`${name}a`), { afterCrash: 'repeat' })
    sketch.nodes[`${name}b`] = chance.happens(0.5) ? noOp : waitSeconds(3)
    sketch.nodes[`${name}m`] = { type: 'n8n-nodes-base.merge', version: 3.2, parameters: { mode: 'append' } }
    sketch.edges.push(`${name}:0 -> ${name}a`, `${name}:1 -> ${name}b`, `${name}a -> ${name}m:0`, `${name}b -> ${name}m:1`)
    sketch.tail = `${name}m`
  },
  // One item after the other.
  (sketch, name) => {
    then(sketch, name, { type: 'n8n-nodes-base.splitInBatches', version: 3, parameters: { batchSize: 1, options: {} } })
    sketch.nodes[`${name}x`] = post('/keyed', callOf(`${name}x`), { afterCrash: 'repeat' })
    sketch.edges.push(`${name}:1 -> ${name}x`, `${name}x -> ${name}`)
    sketch.tail = `${name}:0`
  },
  (sketch, name, chance, childId) => {
    then(sketch, `${name}s`, setFields({ call: `={{ $('Start').first().json.delivery }}/${name}/{{ $runIndex }}` }))
    then(sketch, name, {
      type: 'n8n-nodes-base.executeWorkflow',
      version: 1.2,
      parameters: {
        source: 'database',
        workflowId: { __rl: true, mode: 'id', value: childId },
        mode: 'once',
        options: { waitForSubWorkflow: chance.happens(0.8) },
      },
    })
  },
]

/** One to six pieces after each other. @param childId workflow that it may call */
export const parentFile = (chance: Chance, name: string, childId: string): JsonObject => {
  const sketch: Sketch = { nodes: { Start: manual }, edges: [], tail: 'Start' }
  const count = chance.between(1, 6)
  for (let number = 1; number <= count; number += 1) chance.pick(pieces)(sketch, `N${number}`, chance, childId)
  return workflowFile(name, sketch.nodes, sketch.edges, { executionOrder: chance.pick(['v0', 'v1', 'parallel']), maxSteps: 500 })
}
