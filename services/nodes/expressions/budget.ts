import { overBudget } from './errors.ts'
import type { Scope } from './scope.ts'

export const limits = {
  /** Nodes of the program visited plus elements touched by native methods; about 100 to 300 ms at most. */
  steps: 10_000_000,
  /** UTF-16 units of one string. */
  textLength: 16 * 1024 * 1024,
  listLength: 1_000_000,
  callDepth: 200,
  bigIntBits: 10_000,
  /** Nesting of a value that is copied or written as text. */
  valueDepth: 500,
  /** Characters of one expression. */
  sourceLength: 100_000,
} as const

/** State of one evaluation: what it sees and what it may still spend. */
export class Evaluation {
  scope: Scope
  /** Whether the program may change what it reads, so that it is given copies. */
  copiesInput: boolean
  /** Copies made of input values, by original. */
  copies: Map<object, object> | undefined
  /** Value of the `return` being carried out. */
  returned: unknown
  /** Facades made for this evaluation, by variable. */
  cached: Map<string, unknown> | undefined
  private steps: number = limits.steps
  private depth = 0

  private readonly evaluator: (text: string, evaluation: Evaluation) => unknown

  /** @param evaluator evaluates another text within this evaluation, for $parameter and $evaluateExpression */
  constructor(scope: Scope, copiesInput: boolean, evaluator: (text: string, evaluation: Evaluation) => unknown) {
    this.scope = scope
    this.copiesInput = copiesInput
    this.evaluator = evaluator
  }

  /** Value of a parameter that is itself an expression; one that leads back to itself runs out of call depth. */
  evaluateText(text: string): unknown {
    this.enter()
    const value = this.evaluator(text, this)
    this.leave()
    return value
  }

  /** The same as another item sees it. */
  evaluateTextFor(text: string, itemIndex: number): unknown {
    const { scope } = this
    this.scope = { ...scope, itemIndex }
    try {
      return this.evaluateText(text)
    } finally {
      this.scope = scope
    }
  }

  charge(steps: number): void {
    this.steps -= steps
    if (this.steps < 0) throw overBudget('The expression takes too many steps')
  }

  /** Pays for a string about to be made. */
  chargeText(length: number): void {
    if (length > limits.textLength) throw overBudget(`A text is longer than ${limits.textLength} characters`)
    if (length > 256) this.charge(length >>> 4)
  }

  /** Pays for reading a text from end to end, as a comparison does. */
  chargeReading(value: unknown): void {
    if (typeof value === 'string' && value.length > 256) this.charge(value.length >>> 6)
  }

  text(value: string): string {
    if (value.length > 256) this.chargeText(value.length)
    return value
  }

  /** Pays for an array about to be made. */
  chargeList(length: number): void {
    if (length > limits.listLength) throw overBudget(`A list has more than ${limits.listLength} elements`)
    this.charge(length)
  }

  enter(): void {
    if (++this.depth > limits.callDepth) throw overBudget(`Calls are nested more than ${limits.callDepth} deep`)
  }

  leave(): void {
    this.depth--
  }

  /** For an error caught by the user: the calls it left are over. */
  mark(): number {
    return this.depth
  }

  restore(mark: number): void {
    this.depth = mark
  }

  cachedAs<T>(name: string, make: () => T): T {
    this.cached ??= new Map()
    const found = this.cached.get(name)
    if (found !== undefined) return found as T
    const made = make()
    this.cached.set(name, made)
    return made
  }
}
