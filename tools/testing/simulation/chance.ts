/** Chance that a seed decides: the same seed, the same story. */
export interface Chance {
  /** 0 up to, not including, 1. */
  next(): number
  /** A whole number of `from` to `to`, both included. */
  between(from: number, to: number): number
  /** True in this share of the cases. */
  happens(share: number): boolean
  pick<Value>(values: readonly Value[]): Value
  /** Lower-case UUID. */
  id(): string
}

/** The generator sfc32 (public domain, PractRand), its four words filled from the seed. */
export const chanceOf = (seed: number): Chance => {
  let [a, b, c, d] = [seed | 0, 0x9e3779b9 | 0, 0x243f6a88 | 0, 1]
  const word = (): number => {
    const sum = (((a + b) | 0) + d) | 0
    d = (d + 1) | 0
    a = b ^ (b >>> 9)
    b = (c + (c << 3)) | 0
    c = (c << 21) | (c >>> 11)
    c = (c + sum) | 0
    return sum >>> 0
  }
  for (let warmUp = 0; warmUp < 15; warmUp += 1) word()
  const next = (): number => word() / 0x1_0000_0000
  const between = (from: number, to: number): number => from + Math.floor(next() * (to - from + 1))
  const hex = (): string => word().toString(16).padStart(8, '0')
  return {
    next,
    between,
    happens: (share) => next() < share,
    pick: <Value>(values: readonly Value[]) => values[between(0, values.length - 1)] as Value,
    id: () => {
      const [one, two, three] = [hex(), hex(), hex()]
      return `${hex()}-${one.slice(0, 4)}-4${one.slice(5)}-8${two.slice(1, 4)}-${two.slice(4)}${three}`
    },
  }
}
