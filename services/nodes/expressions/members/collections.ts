import { type Evaluation, limits } from '../budget.ts'
import { overBudget } from '../errors.ts'
import { call, members } from '../values.ts'

const room = (evaluation: Evaluation, size: number) => {
  evaluation.charge(2)
  if (size >= limits.listLength) throw overBudget(`A collection has more than ${limits.listLength} elements`)
}

/** A long text is read again when it is looked up. */
const keyed = (evaluation: Evaluation, key: unknown): unknown => {
  evaluation.chargeReading(key)
  return key
}

const asMap = (self: unknown): Map<unknown, unknown> => {
  if (self instanceof Map) return self
  throw new TypeError('not a Map')
}
const asSet = (self: unknown): Set<unknown> => {
  if (self instanceof Set) return self
  throw new TypeError('not a Set')
}

/** Iterators are lists here: nothing of an expression is lazy. */
const listed = <T>(evaluation: Evaluation, size: number, elements: Iterable<T>): T[] => {
  evaluation.chargeList(size)
  return [...elements]
}

export const mapMethods = members(
  {
    get: (evaluation, self, [key]) => asMap(self).get(keyed(evaluation, key)),
    has: (evaluation, self, [key]) => asMap(self).has(keyed(evaluation, key)),
    set: (evaluation, self, [key, value]) => {
      room(evaluation, asMap(self).size)
      keyed(evaluation, key)
      return asMap(self).set(key, value)
    },
    delete: (evaluation, self, [key]) => asMap(self).delete(keyed(evaluation, key)),
    clear: (_, self) => asMap(self).clear(),
    keys: (evaluation, self) => listed(evaluation, asMap(self).size, asMap(self).keys()),
    values: (evaluation, self) => listed(evaluation, asMap(self).size, asMap(self).values()),
    entries: (evaluation, self) => listed(evaluation, asMap(self).size, asMap(self).entries()),
    forEach: (evaluation, self, [callee]) => {
      for (const [key, value] of listed(evaluation, asMap(self).size, asMap(self))) call(evaluation, callee, [value, key, self])
    },
    toString: () => '[object Map]',
  },
  { size: (_, self) => asMap(self).size },
)

const withOther =
  (combine: (set: Set<unknown>, other: Set<unknown>) => unknown) =>
  (evaluation: Evaluation, self: unknown, [other]: readonly unknown[]): unknown => {
    evaluation.chargeList(asSet(self).size + asSet(other).size)
    for (const value of asSet(self)) evaluation.chargeReading(value)
    for (const value of asSet(other)) evaluation.chargeReading(value)
    return combine(asSet(self), asSet(other))
  }

export const setMethods = members(
  {
    has: (evaluation, self, [value]) => asSet(self).has(keyed(evaluation, value)),
    add: (evaluation, self, [value]) => {
      room(evaluation, asSet(self).size)
      keyed(evaluation, value)
      return asSet(self).add(value)
    },
    delete: (evaluation, self, [value]) => asSet(self).delete(keyed(evaluation, value)),
    clear: (_, self) => asSet(self).clear(),
    keys: (evaluation, self) => listed(evaluation, asSet(self).size, asSet(self)),
    values: (evaluation, self) => listed(evaluation, asSet(self).size, asSet(self)),
    entries: (evaluation, self) => listed(evaluation, asSet(self).size, asSet(self).entries()),
    forEach: (evaluation, self, [callee]) => {
      for (const value of listed(evaluation, asSet(self).size, asSet(self))) call(evaluation, callee, [value, value, self])
    },
    union: withOther((set, other) => set.union(other)),
    intersection: withOther((set, other) => set.intersection(other)),
    difference: withOther((set, other) => set.difference(other)),
    symmetricDifference: withOther((set, other) => set.symmetricDifference(other)),
    isSubsetOf: withOther((set, other) => set.isSubsetOf(other)),
    isSupersetOf: withOther((set, other) => set.isSupersetOf(other)),
    isDisjointFrom: withOther((set, other) => set.isDisjointFrom(other)),
    toString: () => '[object Set]',
  },
  { size: (_, self) => asSet(self).size },
)
