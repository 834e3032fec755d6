import type { PatternQuery } from '../expressions/scope.ts'
import type { TestElsewhere } from '../parameters/pattern-test.ts'
import type { NodeContext } from '../sdk/node.ts'

/** Thrown where a pattern must first be tested elsewhere: the decision on the item is then made again. */
export class NotTested extends Error {
  readonly query: PatternQuery
  constructor(query: PatternQuery) {
    super('A pattern has not been tested yet')
    this.query = query
  }
}

/** Tests of patterns that one step has had made elsewhere. */
export interface PatternsElsewhere {
  /** @throws NotTested; what the test threw */
  readonly test: TestElsewhere
  /** Makes one decision: at once, or again when the patterns that it asks for have been tested. */
  decided<Decision>(decide: () => Decision): Decision | Promise<Decision>
}

const keyOf = ({ source, flags, text }: PatternQuery): string => `${flags}/${source}/${text}`

/** Under the deadline of the code runner, one pattern after the other. What it finds is kept while the step runs. */
export const openPatternsElsewhere = (context: NodeContext): PatternsElsewhere => {
  const found = new Map<string, () => boolean>()
  const find = async (query: PatternQuery): Promise<void> => {
    const answer = await context.matches(query).then(
      (matches) => () => matches,
      (error: unknown) => () => {
        throw error
      },
    )
    found.set(keyOf(query), answer)
  }
  const decided = <Decision>(decide: () => Decision): Decision | Promise<Decision> => {
    try {
      return decide()
    } catch (error) {
      if (!(error instanceof NotTested)) throw error
      return find(error.query).then(() => decided(decide))
    }
  }
  const test: TestElsewhere = (query) => {
    const answer = found.get(keyOf(query))
    if (answer === undefined) throw new NotTested(query)
    return answer()
  }
  return { test, decided }
}
