import type { JsonValue } from '@weconnect/contracts/json'

export interface JsonDifference {
  /** `$.a[0].b` */
  readonly path: string
  readonly recorded?: JsonValue
  readonly replayed?: JsonValue
}

const keysOf = (value: JsonValue | undefined): string[] => (typeof value === 'object' && value !== null ? Object.keys(value) : [])
const member = (value: JsonValue | undefined, key: string): JsonValue | undefined =>
  typeof value === 'object' && value !== null ? (value as Record<string, JsonValue>)[key] : undefined

/** Where two JSON values differ; absent and undefined are equal. */
export const differences = (recorded: JsonValue | undefined, replayed: JsonValue | undefined, path = '$'): JsonDifference[] => {
  if (Object.is(recorded, replayed)) return []
  const [a, b] = [keysOf(recorded), keysOf(replayed)]
  const sameKind =
    typeof recorded === 'object' &&
    typeof replayed === 'object' &&
    recorded &&
    replayed &&
    Array.isArray(recorded) === Array.isArray(replayed)
  if (!sameKind) return [{ path, ...(recorded !== undefined && { recorded }), ...(replayed !== undefined && { replayed }) }]
  return [...new Set([...a, ...b])].flatMap((key) =>
    differences(member(recorded, key), member(replayed, key), Array.isArray(recorded) ? `${path}[${key}]` : `${path}.${key}`),
  )
}
