import type { Item } from '@weconnect/contracts/items'
import type { JsonObject } from '@weconnect/contracts/json'
import fc from 'fast-check'
import { ifTrue, manual, type NodeSketch, noOp, setFields, workflowFile } from '../n8n-workflow.ts'

export interface RandomCase {
  readonly file: JsonObject
  readonly items: readonly Item[]
}

/** Passes its items on and tells the test what it saw. */
export const spyType = 'test.spy'

const condition = (expression: string): JsonObject => ifTrue(expression).parameters ?? {}

/** What a node may be, by number of inputs. */
const single: readonly ((n: number) => NodeSketch)[] = [
  (n) => setFields({ [`f${n}`]: `={{ $json.a }}-{{ $runIndex }}-${n}` }),
  (n) => setFields({ a: `={{ Number($json.a ?? 0) + ${n} }}`, when: '={{ $now.toMillis() > 0 }}' }),
  (n) => ifTrue(`={{ Number($json.a) > ${n} }}`),
  (n) => ({ type: 'n8n-nodes-base.filter', version: 2.2, parameters: condition(`={{ Number($json.a) % ${(n % 3) + 2} !== 0 }}`) }),
  () => noOp,
  () => ({ type: spyType }),
]
const double: readonly JsonObject[] = [
  { mode: 'append' },
  { mode: 'combine', combineBy: 'combineByPosition', options: {} },
  { mode: 'combine', combineBy: 'combineAll', options: {} },
  { mode: 'chooseBranch', useDataOfInput: 2 },
]

interface Choice {
  readonly kind: number
  readonly number: number
  /** Which earlier nodes lead here: a place in their list, 0 to 1. */
  readonly sources: readonly number[]
  readonly outputs: readonly number[]
}

const choice: fc.Arbitrary<Choice> = fc.record({
  kind: fc.nat({ max: single.length + double.length - 1 }),
  number: fc.integer({ min: 0, max: 9 }),
  sources: fc.array(fc.double({ min: 0, max: 0.999, noNaN: true }), { minLength: 2, maxLength: 3 }),
  outputs: fc.array(fc.nat({ max: 1 }), { minLength: 3, maxLength: 3 }),
})

const sketchOf = ({ kind, number }: Choice): NodeSketch =>
  single[kind]?.(number) ?? { type: 'n8n-nodes-base.merge', version: 3.2, parameters: double[kind - single.length] ?? {} }

const isIf = ({ type }: NodeSketch): boolean => type === 'n8n-nodes-base.if'
const isMerge = ({ type }: NodeSketch): boolean => type === 'n8n-nodes-base.merge'

/** A graph without cycles: each node is led to by earlier ones; nodes with one input sometimes by several, and so run several times. */
const fileOf = (choices: readonly Choice[], executionOrder: string): JsonObject => {
  const sketches: NodeSketch[] = [manual, ...choices.map(sketchOf)]
  const name = (index: number): string => (index === 0 ? 'Start' : `N${index}`)
  const edges = choices.flatMap((chosen, place) => {
    const target = place + 1
    const inputs = isMerge(sketches[target]!) ? [0, 1] : chosen.number > 7 ? [0, 0] : [0]
    return inputs.map((input, edge) => {
      const source = Math.floor((chosen.sources[edge] ?? 0) * target)
      const output = isIf(sketches[source]!) ? (chosen.outputs[edge] ?? 0) : 0
      return `${name(source)}:${output} -> ${name(target)}:${input}`
    })
  })
  const nodes = Object.fromEntries(sketches.map((sketch, index) => [name(index), sketch]))
  return workflowFile('Random', nodes, [...new Set(edges)], { executionOrder, maxSteps: 500 })
}

/** A workflow of pure steps, and items to begin with. */
export const randomCase: fc.Arbitrary<RandomCase> = fc
  .record({
    choices: fc.array(choice, { minLength: 1, maxLength: 10 }),
    order: fc.constantFrom('v0', 'v1', 'parallel'),
    numbers: fc.array(fc.integer({ min: -5, max: 20 }), { minLength: 1, maxLength: 4 }),
    text: fc.string({ maxLength: 20 }),
  })
  .map(({ choices, order, numbers, text }) => ({
    file: fileOf(choices, order),
    items: numbers.map((a) => ({ json: { a, text } })),
  }))
