import { type Evaluation, limits } from '../budget.ts'
import { toInteger, toNumber, toText } from '../coerce.ts'
import { failed, overBudget } from '../errors.ts'
import { type Arguments, call, members, type NativeCall, visit } from '../values.ts'

type List = unknown[]
type Method = (evaluation: Evaluation, list: List, args: Arguments) => unknown

const on =
  (method: Method): NativeCall =>
  (evaluation, self, args) => {
    if (!Array.isArray(self)) throw new TypeError('not an array')
    evaluation.charge(self.length + 2)
    return method(evaluation, self, args)
  }

/** Methods that change the list: only where the program was given copies of its input. */
const changing = (method: Method): NativeCall =>
  on((evaluation, list, args) => {
    if (!evaluation.copiesInput) throw failed('Input cannot be changed')
    return method(evaluation, list, args)
  })

/** A text may have to be read once for every element. */
const searching = (method: Method): NativeCall =>
  on((evaluation, list, args) => {
    const [value] = args
    if (typeof value === 'string' && value.length > 256) evaluation.charge(list.length * (value.length >>> 6))
    return method(evaluation, list, args)
  })

const made = (evaluation: Evaluation, list: List): List => {
  evaluation.chargeList(list.length)
  return list
}

/** Calls back for the elements in order until `stop` says so; the result is what it stopped with. */
const each = (
  evaluation: Evaluation,
  list: List,
  callee: unknown,
  take: (result: unknown, element: unknown, index: number) => boolean,
): void => {
  for (let index = 0; index < list.length; index++) {
    const element = list[index]
    if (take(visit(evaluation, callee, element, index, list), element, index)) return
  }
}

const map: Method = (evaluation, list, [callee]) => {
  const results: List = []
  each(evaluation, list, callee, (result) => results.push(result) < 0)
  return results
}

const filter: Method = (evaluation, list, [callee]) => {
  const kept: List = []
  each(evaluation, list, callee, (result, element) => Boolean(result) && kept.push(element) < 0)
  return kept
}

const find =
  (wanted: 'element' | 'index', fromEnd: boolean): Method =>
  (evaluation, list, [callee]) => {
    for (let step = 0; step < list.length; step++) {
      const index = fromEnd ? list.length - 1 - step : step
      const element = list[index]
      if (visit(evaluation, callee, element, index, list)) return wanted === 'element' ? element : index
    }
    return wanted === 'element' ? undefined : -1
  }

const some: Method = (evaluation, list, [callee]) => {
  let found = false
  each(evaluation, list, callee, (result) => {
    found = Boolean(result)
    return found
  })
  return found
}

const every: Method = (evaluation, list, [callee]) => {
  let all = true
  each(evaluation, list, callee, (result) => {
    all = Boolean(result)
    return !all
  })
  return all
}

const reduce =
  (fromEnd: boolean): Method =>
  (evaluation, list, args) => {
    const [callee] = args
    const given = args.length > 1
    if (list.length === 0 && !given) throw new TypeError('Reduce of empty array with no initial value')
    const order = fromEnd ? -1 : 1
    let index = fromEnd ? list.length - 1 : 0
    let total = given ? args[1] : list[index]
    if (!given) index += order
    for (; index >= 0 && index < list.length; index += order) total = call(evaluation, callee, [total, list[index], index, list])
    return total
  }

const flatten = (evaluation: Evaluation, list: List, depth: number, into: List): List => {
  for (const element of list) {
    if (Array.isArray(element) && depth > 0) flatten(evaluation, element, depth - 1, into)
    else into.push(element)
    evaluation.charge(1)
    if (into.length > limits.listLength) throw overBudget(`A list has more than ${limits.listLength} elements`)
  }
  return into
}

const flatMap: Method = (evaluation, list, [callee]) => {
  const parts: List = []
  each(evaluation, list, callee, (result) => parts.push(result) < 0)
  return flatten(evaluation, parts, 1, [])
}

const concat: Method = (evaluation, list, args) => {
  const all = [...list]
  for (const value of args) {
    const more: List = Array.isArray(value) ? value : [value]
    evaluation.chargeList(all.length + more.length)
    for (const element of more) all.push(element)
  }
  return all
}

const order = (evaluation: Evaluation, callee: unknown) => {
  if (callee === undefined) {
    return (left: unknown, right: unknown) => {
      const [a, b] = [toText(evaluation, left), toText(evaluation, right)]
      evaluation.charge(1 + (Math.min(a.length, b.length) >>> 6))
      return a < b ? -1 : a > b ? 1 : 0
    }
  }
  return (left: unknown, right: unknown) => toNumber(evaluation, call(evaluation, callee, [left, right]))
}

const join: Method = (evaluation, list, [separator]) => {
  const between = separator === undefined ? ',' : toText(evaluation, separator)
  const parts: string[] = []
  let length = 0
  for (const element of list) {
    const part = element === null || element === undefined ? '' : toText(evaluation, element)
    length += part.length + between.length
    evaluation.chargeText(length)
    parts.push(part)
  }
  evaluation.charge(length >>> 4)
  return parts.join(between)
}

const limitedDepth = (evaluation: Evaluation, value: unknown) => Math.min(toInteger(evaluation, value, 1), limits.valueDepth)

const splice: Method = (evaluation, list, args) => {
  const added = args.slice(2)
  evaluation.chargeList(list.length + added.length)
  if (args.length === 0) return []
  const start = toInteger(evaluation, args[0])
  return list.splice(start, args.length < 2 ? list.length : toInteger(evaluation, args[1]), ...added)
}

const push: Method = (_evaluation, list, args) => {
  if (list.length + args.length > limits.listLength) throw overBudget(`A list has more than ${limits.listLength} elements`)
  return list.push(...args)
}

const integers = (evaluation: Evaluation, args: Arguments) =>
  args.map((value) => (value === undefined ? undefined : toInteger(evaluation, value)))

/** Costs nothing per element, unlike the other methods. */
const cheap =
  (method: Method): NativeCall =>
  (evaluation, self, args) => {
    if (!Array.isArray(self)) throw new TypeError('not an array')
    return method(evaluation, self, args)
  }
const cheapChanging = (method: Method): NativeCall =>
  cheap((evaluation, list, args) => {
    if (!evaluation.copiesInput) throw failed('Input cannot be changed')
    return method(evaluation, list, args)
  })

/** The language's own methods of arrays. */
export const arrayMethods = members(
  {
    at: cheap((evaluation, list, [index]) => list.at(toInteger(evaluation, index))),
    concat: on(concat),
    copyWithin: changing((evaluation, list, args) => {
      const [target, from, to] = integers(evaluation, args)
      return list.copyWithin(target ?? 0, from ?? 0, to)
    }),
    entries: on((_, list) => list.map((element, index) => [index, element])),
    every: on(every),
    fill: changing((evaluation, list, [value, from, to]) =>
      list.fill(value, ...([...integers(evaluation, [from, to])] as [number?, number?])),
    ),
    filter: on(filter),
    find: on(find('element', false)),
    findIndex: on(find('index', false)),
    findLast: on(find('element', true)),
    findLastIndex: on(find('index', true)),
    flat: on((evaluation, list, [depth]) => flatten(evaluation, list, limitedDepth(evaluation, depth), [])),
    flatMap: on(flatMap),
    forEach: on((evaluation, list, [callee]) => each(evaluation, list, callee, () => false)),
    includes: searching((evaluation, list, [value, from]) => list.includes(value, toInteger(evaluation, from))),
    indexOf: searching((evaluation, list, [value, from]) => list.indexOf(value, toInteger(evaluation, from))),
    join: on(join),
    keys: on((_, list) => list.map((_element, index) => index)),
    lastIndexOf: searching((_, list, [value]) => list.lastIndexOf(value)),
    map: on(map),
    pop: cheapChanging((_, list) => list.pop()),
    push: cheapChanging(push),
    reduce: on(reduce(false)),
    reduceRight: on(reduce(true)),
    reverse: changing((_, list) => list.reverse()),
    shift: changing((_, list) => list.shift()),
    slice: on((evaluation, list, args) => list.slice(...(integers(evaluation, args.slice(0, 2)) as [number?, number?]))),
    some: on(some),
    sort: changing((evaluation, list, [callee]) => list.sort(order(evaluation, callee))),
    splice: changing(splice),
    toReversed: on((_, list) => list.toReversed()),
    toSorted: on((evaluation, list, [callee]) => made(evaluation, list.toSorted(order(evaluation, callee)))),
    toSpliced: on((evaluation, list, args) => {
      const copy = [...list]
      splice(evaluation, copy, args)
      return copy
    }),
    toString: on((evaluation, list) => join(evaluation, list, [])),
    toLocaleString: on((evaluation, list) => join(evaluation, list, [])),
    unshift: changing((evaluation, list, args) => {
      evaluation.chargeList(list.length + args.length)
      return list.unshift(...args)
    }),
    values: on((_, list) => [...list]),
    with: on((evaluation, list, [index, value]) => list.with(toInteger(evaluation, index), value)),
    valueOf: cheap((_, list) => list),
  },
  { length: (_, self) => (self as unknown[]).length },
)
