/**
 * @param sorted ascending, not empty
 * @param share in [0, 1]
 * @returns the smallest value that at least this share of the values does not exceed (nearest rank)
 */
export const percentile = (sorted: ArrayLike<number>, share: number): number => {
  if (sorted.length === 0) throw new RangeError('no values')
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? Number.NaN
}

/** Middle value; of an even number of values, the mean of the two middle ones. */
export const median = (values: readonly number[]): number => {
  if (values.length === 0) throw new RangeError('no values')
  const sorted = values.toSorted((left, right) => left - right)
  const middle = sorted.length >> 1
  const upper = sorted[middle] ?? Number.NaN
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2
}

/** Median of every numeric field over the rounds; all rounds have the same fields. */
export const medianOf = <Row extends object>(rows: readonly Row[]): Row => {
  const [first] = rows
  if (first === undefined) throw new RangeError('no rounds')
  const fields = Object.keys(first) as (keyof Row)[]
  return Object.fromEntries(fields.map((field) => [field, median(rows.map((row) => Number(row[field])))])) as Row
}

/** To three significant digits, and whole from 100 on. */
export const rounded = (value: number): number => (Math.abs(value) >= 100 ? Math.round(value) : Number(value.toPrecision(3)))
