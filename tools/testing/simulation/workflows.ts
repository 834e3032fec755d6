import type { JsonObject } from '@weconnect/contracts/json'
import { ifTrue, manual, type NodeSketch, noOp, setFields, workflowFile } from '../n8n-workflow.ts'
import type { Chance } from './chance.ts'
import { childLimits, parentLimits } from './limits.ts'
import { call, follow, followUndoable, onError, type Sketch, timeLimit, tries, waitSeconds } from './sketches.ts'

/** Called by others; does one thing that must not be done twice, and that is undone when it is stopped. */
export const childFile = (chance: Chance): JsonObject => {
  const parameters = { inputSource: 'passthrough' }
  const called = { type: 'n8n-nodes-base.executeWorkflowTrigger', version: 1.1, parameters }
  const sketch: Sketch = { nodes: { Called: called }, edges: [], tail: 'Called' }
  followUndoable(sketch, 'Post', '/keyed', [{}, {}], "$('Called').first().json.call")
  follow(sketch, 'Rest', waitSeconds(2))
  const flowControl = chance.happens(0.2) ? childLimits(chance) : {}
  return workflowFile('Child', sketch.nodes, sketch.edges, { executionOrder: 'v1', flowControl })
}

type Piece = (sketch: Sketch, name: string, chance: Chance, childId: string) => void

const keyed: Piece = (sketch, name, chance) =>
  follow(sketch, name, call('/keyed', name, { ...tries(chance), ...timeLimit(chance), ...onError(chance) }))

const undoable: Piece = (sketch, name, chance) => {
  // Who does not know a call again cannot be asked again for its other items.
  const path = chance.happens(0.8) ? '/keyed' : '/plain'
  const options = (): JsonObject => ({ ...(path === '/keyed' && tries(chance)), ...timeLimit(chance) })
  followUndoable(sketch, name, path, [options(), options()])
}

/** Half of those that wait for somebody do not for ever. */
const limit = (chance: Chance): JsonObject =>
  chance.happens(0.5) ? {} : { limitWaitTime: true, amount: chance.pick([3, 30, 600]), unit: 'seconds' }

const pieces: readonly Piece[] = [
  keyed,
  keyed,
  undoable,
  undoable,
  (sketch, name, chance) => follow(sketch, name, call('/plain', name, { ...timeLimit(chance), ...onError(chance) })),
  (sketch, name) => follow(sketch, name, setFields({ [name]: '={{ $now.toMillis() }}-{{ $runIndex }}' })),
  (sketch, name, chance) => follow(sketch, name, waitSeconds(chance.pick([1, 7, 60, 4_000]))),
  (sketch, name, chance) => {
    follow(sketch, name, { type: 'weconnect.waitForSignal', parameters: { name: 'go', ...limit(chance) } })
    if (chance.happens(0.5)) aside(sketch, name, 1)
  },
  (sketch, name, chance) => {
    follow(sketch, name, { type: 'weconnect.approval', parameters: { title: name, ...limit(chance) } })
    for (const output of [1, 2]) if (chance.happens(0.5)) aside(sketch, name, output)
  },
  (sketch, name) => follow(sketch, name, { type: 'n8n-nodes-base.wait', version: 1.1, parameters: { resume: 'webhook' } }),
  // A branch that may have nothing, and a merge that then goes on without it.
  (sketch, name, chance) => {
    follow(sketch, name, ifTrue(`={{ $itemIndex % 2 === ${chance.between(0, 1)} }}`))
    sketch.nodes[`${name}a`] = call('/keyed', `${name}a`)
    sketch.nodes[`${name}b`] = chance.happens(0.5) ? noOp : waitSeconds(3)
    sketch.nodes[`${name}m`] = { type: 'n8n-nodes-base.merge', version: 3.2, parameters: { mode: 'append' } }
    sketch.edges.push(`${name}:0 -> ${name}a`, `${name}:1 -> ${name}b`, `${name}a -> ${name}m:0`, `${name}b -> ${name}m:1`)
    sketch.tail = `${name}m`
  },
  // One item after the other.
  (sketch, name, chance) => {
    follow(sketch, name, { type: 'n8n-nodes-base.splitInBatches', version: 3, parameters: { batchSize: 1, options: {} } })
    sketch.tail = `${name}:1`
    if (chance.happens(0.5)) undoable(sketch, `${name}x`, chance, '')
    else follow(sketch, `${name}x`, call('/keyed', `${name}x`))
    sketch.edges.push(`${sketch.tail} -> ${name}`)
    sketch.tail = `${name}:0`
  },
  (sketch, name, chance, childId) => {
    follow(sketch, `${name}s`, setFields({ call: `={{ $('Start').first().json.delivery }}/${name}/{{ $runIndex }}` }))
    follow(sketch, name, {
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

/** What comes out where nobody came, or somebody said no, goes no further than to a node of its own. */
const aside = (sketch: Sketch, name: string, output: number): void => {
  const joint = `${name}j${output}`
  sketch.nodes[joint] = noOp
  sketch.edges.push(`${name}:${output} -> ${joint}`)
}

const fails: NodeSketch = { type: 'n8n-nodes-base.stopAndError', parameters: { errorType: 'errorMessage', errorMessage: 'no' } }

/** One to six pieces after each other. @param childId workflow that it may call */
export const parentFile = (chance: Chance, name: string, childId: string): JsonObject => {
  const sketch: Sketch = { nodes: { Start: manual }, edges: [], tail: 'Start' }
  const count = chance.between(1, 6)
  for (let number = 1; number <= count; number += 1) chance.pick(pieces)(sketch, `N${number}`, chance, childId)
  follow(sketch, 'Last', chance.happens(0.2) ? fails : setFields({ version: '1' }))
  return workflowFile(name, sketch.nodes, sketch.edges, {
    executionOrder: chance.pick(['v0', 'v1', 'parallel']),
    maxSteps: 500,
    flowControl: chance.happens(0.35) ? parentLimits(chance) : {},
    ...(chance.happens(0.15) && { executionTimeout: chance.pick([1, 10, 60, 900]) }),
  })
}
