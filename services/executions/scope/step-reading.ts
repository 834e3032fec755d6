import type { StepInput } from '@weconnect/contracts/events/types'
import type { JsonValue } from '@weconnect/contracts/json'
import { compileExpression } from '@weconnect/nodes/expressions/expression'
import type { Scope } from '@weconnect/nodes/expressions/scope'
import type { Inputs } from '../items/outputs.ts'
import type { PreparedNode } from '../parts.ts'
import { matchElsewhere, type NotMatched, notMatchedBehind, PatternMatches } from './pattern-matches.ts'
import type { RunFacts, StepNumbers } from './run-facts.ts'
import { NotLoaded } from './run-memory.ts'
import { scopeOf } from './step-scope.ts'

const unloadedStep = (error: unknown): number | undefined => {
  for (let cause = error; cause instanceof Error; cause = cause.cause) if (cause instanceof NotLoaded) return cause.step
  return undefined
}

/** What the expressions of one step read. Made when the first of them does. */
export class StepReading {
  readonly #run: RunFacts
  readonly #prepared: PreparedNode
  readonly #inputs: Inputs
  readonly #references: readonly StepInput[]
  readonly #numbers: StepNumbers
  #scope: (Scope & { itemIndex: number }) | undefined

  constructor(run: RunFacts, prepared: PreparedNode, inputs: Inputs, references: readonly StepInput[], numbers: StepNumbers) {
    this.#run = run
    this.#prepared = prepared
    this.#inputs = inputs
    this.#references = references
    this.#numbers = numbers
  }

  get scope(): Scope & { itemIndex: number } {
    this.#scope ??= scopeOf(this.#run, this.#prepared, this.#inputs, this.#references, this.#numbers, new PatternMatches())
    return this.#scope
  }

  readonly evaluate = (text: string, itemIndex: number): JsonValue | undefined => {
    const scope = this.scope
    scope.itemIndex = itemIndex
    return compileExpression(text).evaluate(scope)
  }

  /** Does it again with the data in memory when an expression asked for items of an old run, or for what a pattern matches. */
  async withData<T>(read: () => T): Promise<T> {
    for (;;) {
      try {
        return read()
      } catch (error) {
        const pattern = notMatchedBehind(error)
        const step = unloadedStep(error)
        if (pattern !== undefined) await this.#match(pattern)
        else if (step !== undefined) await this.#run.memory.load(step)
        else throw error
      }
    }
  }

  async #match({ query, keep }: NotMatched): Promise<void> {
    const { parts, organisationId, signal } = this.#run
    keep(await matchElsewhere(parts.code, query, { organisationId, scope: this.scope, signal }))
  }
}
