import { isDeepStrictEqual } from 'node:util'
import type { BinaryData, Item, PairedItem } from '@weconnect/contracts/items'
import type { CaseOutputs } from './case.ts'

/** Where a case and its run disagree. */
export interface Difference {
  readonly where: string
  readonly expected: unknown
  readonly actual: unknown
}

export interface Compared {
  readonly pairs: boolean
  readonly binary: boolean
}

/** n8n says a line in messages of code; where that is depends on how the code is wrapped. */
export const upToLine = (message: string): string => message.replace(/ \[line[\s\S]*$/, '')

const plain = (value: unknown): unknown => {
  if (typeof value === 'string') return upToLine(value)
  if (Array.isArray(value)) return value.map(plain)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, plain(member)]))
}

/** n, {item: n}, {item: n, input: 0} and a list of one of them are the same. */
const pairsOf = ({ pairedItem }: Item): readonly PairedItem[] => {
  const list = pairedItem === undefined || pairedItem === null ? [] : Array.isArray(pairedItem) ? pairedItem : [pairedItem]
  return list.map((pair: number | PairedItem) => (typeof pair === 'number' ? { item: pair, input: 0 } : { input: 0, ...pair }))
}

const binaryOf = ({ binary }: Item): unknown =>
  binary &&
  Object.fromEntries(
    Object.entries(binary).map(
      ([key, { directory: _, bytes: __, ...rest }]: [string, BinaryData & { directory?: string; bytes?: number }]) => [key, rest],
    ),
  )

const comparable = (items: readonly Item[] | null | undefined, { pairs, binary }: Compared): unknown =>
  plain(
    JSON.parse(
      JSON.stringify(
        (items ?? []).map((item) => ({
          json: item.json,
          ...(pairs && { pairedItem: pairsOf(item) }),
          ...(binary && { binary: binaryOf(item) }),
        })),
      ),
    ),
  )

/** Items of one output. */
export const compareItems = (
  where: string,
  expected: readonly Item[] | null | undefined,
  actual: readonly Item[] | null | undefined,
  what: Compared,
): readonly Difference[] => {
  const [wanted, found] = [comparable(expected, what), comparable(actual, what)]
  return isDeepStrictEqual(wanted, found) ? [] : [{ where, expected: wanted, actual: found }]
}

/** Every output; one without items and one that was not produced are the same. */
export const compareOutputs = (where: string, expected: CaseOutputs, actual: CaseOutputs, what: Compared): readonly Difference[] =>
  Array.from({ length: Math.max(expected.length, actual.length) }, (_, output) =>
    compareItems(`${where} output ${output}`, expected[output], actual[output], what),
  ).flat()
