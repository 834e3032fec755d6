import type {
  AnyNode,
  DoWhileStatement,
  Expression,
  ForOfStatement,
  ForStatement,
  Pattern,
  Statement,
  VariableDeclaration,
  WhileStatement,
} from 'acorn'
import { toList } from '../iterate.ts'
import type { Frame } from '../values.ts'
import { holdsFunction } from './compile-function.ts'
import { completion, refuse, type Step, type Store, type Surroundings, weight } from './compiler.ts'
import { Block, Layout, newFrame } from './variables.ts'

/**
 * Where the variables of a loop live: in the frame around it, or, when a function inside could keep them, in a frame of each turn.
 * `enter` gives the frame of the first turn, `next` that of the following one with the values carried over.
 */
const loopScope = (node: AnyNode, at: Surroundings) => {
  const own = holdsFunction(node)
  const layout = own ? new Layout(at.block.layout) : at.block.layout
  const within: Surroundings = { ...at, block: new Block(layout, at.block), inLoop: true }
  const enter = own ? (outer: Frame) => newFrame(layout, outer) : (outer: Frame) => outer
  const next = own ? (frame: Frame) => [...frame] : (frame: Frame) => frame
  return { within, enter, next }
}

/** `break` and `return` end a loop; `continue` and the normal end do not. */
const isEnd = (end: number) => end === completion.break || end === completion.return
const afterLoop = (end: number) => (end === completion.return ? completion.return : completion.normal)

export const compileWhile = (node: WhileStatement | DoWhileStatement, at: Surroundings): Step => {
  const { within, enter } = loopScope(node, at)
  const test = at.compilers.expression(node.test, within)
  const body = at.compilers.statement(node.body, within)
  const cost = weight(node)
  const testsFirst = node.type === 'WhileStatement'
  return (evaluation, outer) => {
    let frame = enter(outer)
    if (testsFirst && !test(evaluation, frame)) return completion.normal
    do {
      evaluation.charge(cost)
      const end = body(evaluation, frame)
      if (isEnd(end)) return afterLoop(end)
      frame = enter(outer)
    } while (test(evaluation, frame))
    return completion.normal
  }
}

const compileStart = (init: ForStatement['init'], at: Surroundings): Step => {
  if (init === null || init === undefined) return () => completion.normal
  if (init.type === 'VariableDeclaration') return at.compilers.statement(init, at)
  const compute = at.compilers.expression(init, at)
  return (evaluation, frame) => {
    compute(evaluation, frame)
    return completion.normal
  }
}

const optional = (node: Expression | null | undefined, at: Surroundings, absent: unknown) =>
  node === null || node === undefined ? () => absent : at.compilers.expression(node, at)

export const compileFor = (node: ForStatement, at: Surroundings): Step => {
  const { within, enter, next } = loopScope(node, at)
  const start = compileStart(node.init, within)
  const test = optional(node.test, within, true)
  const update = optional(node.update, within, undefined)
  const body = at.compilers.statement(node.body, within)
  const cost = weight(node)
  return (evaluation, outer) => {
    let frame = enter(outer)
    start(evaluation, frame)
    while (test(evaluation, frame)) {
      evaluation.charge(cost)
      const end = body(evaluation, frame)
      if (isEnd(end)) return afterLoop(end)
      frame = next(frame)
      update(evaluation, frame)
    }
    return completion.normal
  }
}

const storeTurn = (left: VariableDeclaration | Pattern, at: Surroundings): Store => {
  if (left.type !== 'VariableDeclaration') return at.compilers.pattern(left, at, undefined)
  const declared = left.declarations[0]
  if (declared === undefined || left.declarations.length > 1) return refuse(left, at, 'This loop')
  return at.compilers.pattern(declared.id, at, left.kind === 'const' || left.kind === 'var' ? left.kind : 'let')
}

export const compileForOf = (node: ForOfStatement, at: Surroundings): Step => {
  if (node.await) return refuse(node, at, 'await')
  const iterated = at.compilers.expression(node.right, at)
  const { within, enter } = loopScope(node, at)
  const store = storeTurn(node.left, within)
  const body: Step = at.compilers.statement(node.body as Statement, within)
  const cost = weight(node)
  return (evaluation, outer) => {
    for (const element of toList(evaluation, iterated(evaluation, outer))) {
      evaluation.charge(cost)
      const frame = enter(outer)
      store(evaluation, frame, element)
      const end = body(evaluation, frame)
      if (isEnd(end)) return afterLoop(end)
    }
    return completion.normal
  }
}
