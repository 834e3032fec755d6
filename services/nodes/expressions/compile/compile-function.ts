import type { AnyNode, Pattern } from 'acorn'
import type { Evaluation } from '../budget.ts'
import { type Arguments, Closure, type Compute, type Frame } from '../values.ts'
import { type Completion, completion, type FunctionNode, refuse, type Store, type Surroundings, weight } from './compiler.ts'
import { Block, Layout, newFrame } from './variables.ts'

type Body = (evaluation: Evaluation, frame: Frame) => unknown

/** Whether a function written inside `node` could keep a variable of it. */
export const holdsFunction = (node: AnyNode): boolean => {
  if (node.type === 'ArrowFunctionExpression' || node.type === 'FunctionExpression' || node.type === 'FunctionDeclaration') return true
  return Object.values(node).some((child: unknown) =>
    Array.isArray(child) ? child.some((each) => isNode(each) && holdsFunction(each)) : isNode(child) && holdsFunction(child),
  )
}
const isNode = (value: unknown): value is AnyNode =>
  typeof value === 'object' && value !== null && 'type' in value && typeof value.type === 'string'

const compileBody = (node: FunctionNode, at: Surroundings): Body => {
  const { body } = node
  if (body.type !== 'BlockStatement') return at.compilers.expression(body, at)
  const run = at.compilers.statement(body, at)
  return (evaluation, frame) => {
    const end: Completion = run(evaluation, frame)
    if (end !== completion.return) return undefined
    const value = evaluation.returned
    evaluation.returned = undefined
    return value
  }
}

const storeParameter = (node: Pattern, index: number, at: Surroundings): Store => {
  if (node.type === 'RestElement') {
    const store = at.compilers.pattern(node.argument, at, 'let')
    return (evaluation, frame, args) => store(evaluation, frame, (args as Arguments).slice(index))
  }
  const store = at.compilers.pattern(node, at, 'let')
  return (evaluation, frame, args) => store(evaluation, frame, (args as Arguments)[index])
}

const inside = (at: Surroundings): Surroundings => {
  const layout = new Layout(at.block.layout)
  return { ...at, block: new Block(layout, at.block, true), inLoop: false, inSwitch: false, inFunction: true }
}

/** Parameters are the first slots of the frame, so plain ones are copied in without further ado. */
const compileParameters = (node: FunctionNode, at: Surroundings): Store => {
  if (node.params.every((parameter) => parameter.type === 'Identifier')) {
    for (const parameter of node.params) at.compilers.pattern(parameter, at, 'let')
    const count = node.params.length
    return (_, frame, args) => {
      for (let index = 0; index < count; index++) frame[index + 1] = (args as Arguments)[index]
    }
  }
  const stores = node.params.map((parameter, index) => storeParameter(parameter, index, at))
  return (evaluation, frame, args) => {
    for (const store of stores) store(evaluation, frame, args)
  }
}

const simpleCount = (node: FunctionNode) => {
  const until = node.params.findIndex(
    (parameter) => parameter.type !== 'Identifier' && parameter.type !== 'ObjectPattern' && parameter.type !== 'ArrayPattern',
  )
  return until < 0 ? node.params.length : until
}

/** A repeated name would need two slots for one variable; strict mode refuses it too. */
const checkDistinct = (node: FunctionNode, at: Surroundings) => {
  const names = node.params.map((parameter) => (parameter.type === 'Identifier' ? parameter.name : ''))
  if (names.some((name, index) => name !== '' && names.indexOf(name) !== index)) refuse(node, at, 'A repeated parameter name')
}

/** Every call makes a frame; its variables live as long as a function made in it. */
export const compileFunction = (node: FunctionNode, at: Surroundings, name: string): Compute => {
  if (node.async) return refuse(node, at, 'async')
  if (node.generator) return refuse(node, at, 'A generator')
  checkDistinct(node, at)
  const within = inside(at)
  const self = node.type === 'FunctionExpression' && node.id ? node.id.name : undefined
  const plain = node.params.every((parameter) => parameter.type === 'Identifier')
  const parameters = compileParameters(node, within)
  const storeSelf = self === undefined ? undefined : within.compilers.pattern(node.id as Pattern, within, 'let')
  const body = compileBody(node, within)
  const { layout } = within.block
  const cost = weight(node)
  const length = simpleCount(node)
  return (_, outer) => {
    const invoke: Closure['invoke'] = (evaluation, args) => {
      evaluation.charge(cost)
      evaluation.enter()
      const frame = newFrame(layout, outer)
      storeSelf?.(evaluation, frame, closure)
      parameters(evaluation, frame, args)
      const result = body(evaluation, frame)
      evaluation.leave()
      return result
    }
    const visit: Closure['visit'] = (evaluation, element, index, list) => {
      evaluation.charge(cost)
      evaluation.enter()
      const frame = newFrame(layout, outer)
      if (length > 0) frame[1] = element
      if (length > 1) frame[2] = index
      if (length > 2) frame[3] = list
      const result = body(evaluation, frame)
      evaluation.leave()
      return result
    }
    const closure = new Closure(name, length, invoke, plain && storeSelf === undefined ? visit : undefined)
    return closure
  }
}
