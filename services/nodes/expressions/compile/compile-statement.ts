import type { BlockStatement, FunctionDeclaration, Statement, SwitchStatement, TryStatement, VariableDeclaration } from 'acorn'
import { strictlyEqual } from '../coerce.ts'
import { invalid, passesCatch, UserThrow } from '../errors.ts'
import { caughtValue } from '../user-errors.ts'
import { compileFor, compileForOf, compileWhile } from './compile-loop.ts'
import { checkDeclared } from './compile-pattern.ts'
import { type Completion, completion, refuse, type Step, type Surroundings } from './compiler.ts'
import { Block } from './variables.ts'

const normal = completion.normal

/** Runs steps until one ends abnormally. */
const inOrder = (steps: readonly Step[]): Step => {
  if (steps.length === 1) return steps[0]!
  return (evaluation, frame) => {
    for (const step of steps) {
      const end = step(evaluation, frame)
      if (end !== normal) return end
    }
    return normal
  }
}

const declaration = (node: VariableDeclaration, at: Surroundings): Step => {
  if (node.kind !== 'const' && node.kind !== 'let' && node.kind !== 'var') return refuse(node, at, node.kind)
  const { kind } = node
  const steps = node.declarations.map(({ id, init }): Step => {
    const name = id.type === 'Identifier' ? id.name : ''
    const value = init ? nameFunction(init, at, name) : undefined
    const store = at.compilers.pattern(id, at, kind)
    return (evaluation, frame) => {
      store(evaluation, frame, value?.(evaluation, frame))
      return normal
    }
  })
  return inOrder(steps)
}

const nameFunction = (init: NonNullable<VariableDeclaration['declarations'][number]['init']>, at: Surroundings, name: string) =>
  init.type === 'ArrowFunctionExpression' || init.type === 'FunctionExpression'
    ? at.compilers.function(init, at, name)
    : at.compilers.expression(init, at)

/** Names a function inside may mention before the line that declares them. */
const declareAhead = (body: readonly Statement[], at: Surroundings) => {
  for (const node of body) {
    if (node.type !== 'VariableDeclaration') continue
    for (const { id } of node.declarations)
      if (id.type === 'Identifier') at.compilers.pattern(id, at, node.kind === 'const' || node.kind === 'var' ? node.kind : 'let')
  }
}

/** Functions declared in a block exist from its first line on. */
const hoisted = (body: readonly Statement[], at: Surroundings): Step[] => {
  const functions = body.filter((node): node is FunctionDeclaration => node.type === 'FunctionDeclaration')
  const stores = functions.map((node) => at.compilers.pattern(node.id, at, 'let'))
  return functions.map((node, index) => {
    const make = at.compilers.function(node, at, node.id.name)
    return (evaluation, frame) => {
      stores[index]!(evaluation, frame, make(evaluation, frame))
      return normal
    }
  })
}

const statements = (body: readonly Statement[], at: Surroundings): Step => {
  const within = { ...at, block: new Block(at.block.layout, at.block) }
  declareAhead(body, within)
  const first = hoisted(body, within)
  const rest = body.filter((node) => node.type !== 'FunctionDeclaration').map((node) => at.compilers.statement(node, within))
  return inOrder([...first, ...rest])
}

const switchStatement = (node: SwitchStatement, at: Surroundings): Step => {
  const subject = at.compilers.expression(node.discriminant, at)
  const within: Surroundings = { ...at, inSwitch: true, block: new Block(at.block.layout, at.block) }
  declareAhead(
    node.cases.flatMap((each) => each.consequent),
    within,
  )
  const cases = node.cases.map((each) => ({
    test: each.test ? at.compilers.expression(each.test, within) : undefined,
    run: inOrder(each.consequent.map((line) => at.compilers.statement(line, within))),
  }))
  return (evaluation, frame) => {
    const value = subject(evaluation, frame)
    const matching = cases.findIndex(({ test }) => test !== undefined && strictlyEqual(evaluation, test(evaluation, frame), value))
    const from = matching < 0 ? cases.findIndex(({ test }) => test === undefined) : matching
    for (const { run } of from < 0 ? [] : cases.slice(from)) {
      const end = run(evaluation, frame)
      if (end !== normal) return end === completion.break ? normal : end
    }
    return normal
  }
}

const catchClause = (node: TryStatement, at: Surroundings) => {
  const { handler } = node
  if (!handler) return undefined
  const within = { ...at, block: new Block(at.block.layout, at.block) }
  const store = handler.param ? at.compilers.pattern(handler.param, within, 'let') : undefined
  return { store, body: at.compilers.statement(handler.body, within) }
}

/** What throwing, unwinding and the trace that the host makes take. */
const costOfCatching = 100

/** Budget errors reach neither catch nor finally: both are the user's code. */
const guarded = (node: TryStatement, at: Surroundings): Step => {
  const body = at.compilers.statement(node.block, at)
  const clause = catchClause(node, at)
  if (clause === undefined) return body
  return (evaluation, frame) => {
    const mark = evaluation.mark()
    try {
      return body(evaluation, frame)
    } catch (error) {
      if (passesCatch(error)) throw error
      evaluation.restore(mark)
      evaluation.charge(costOfCatching)
      clause.store?.(evaluation, frame, caughtValue(error))
      return clause.body(evaluation, frame)
    }
  }
}

const tryStatement = (node: TryStatement, at: Surroundings): Step => {
  const attempt = guarded(node, at)
  if (!node.finalizer) return attempt
  const last = at.compilers.statement(node.finalizer, at)
  return (evaluation, frame) => {
    const mark = evaluation.mark()
    let end: Completion
    try {
      end = attempt(evaluation, frame)
    } catch (error) {
      if (passesCatch(error)) throw error
      evaluation.restore(mark)
      const overridden = last(evaluation, frame)
      if (overridden !== normal) return overridden
      throw error
    }
    const { returned } = evaluation
    const overridden = last(evaluation, frame)
    if (overridden !== normal) return overridden
    evaluation.returned = returned
    return end
  }
}

const blockOf = (node: BlockStatement, at: Surroundings) => statements(node.body, at)

export const compileStatement = (node: Statement, at: Surroundings): Step => {
  const { expression, statement } = at.compilers
  switch (node.type) {
    case 'EmptyStatement':
      return () => normal
    case 'BlockStatement':
      return blockOf(node, at)
    case 'VariableDeclaration':
      return declaration(node, at)
    case 'ExpressionStatement': {
      const compute = expression(node.expression, at)
      return (evaluation, frame) => {
        compute(evaluation, frame)
        return normal
      }
    }
    case 'ReturnStatement': {
      const compute = node.argument ? expression(node.argument, at) : () => undefined
      return (evaluation, frame) => {
        evaluation.returned = compute(evaluation, frame)
        return completion.return
      }
    }
    case 'IfStatement': {
      const test = expression(node.test, at)
      const yes = statement(node.consequent, at)
      const no = node.alternate ? statement(node.alternate, at) : () => normal
      return (evaluation, frame) => (test(evaluation, frame) ? yes(evaluation, frame) : no(evaluation, frame))
    }
    case 'ThrowStatement': {
      const compute = expression(node.argument, at)
      return (evaluation, frame) => {
        throw new UserThrow(compute(evaluation, frame))
      }
    }
    case 'BreakStatement':
      return node.label || !(at.inLoop || at.inSwitch) ? refuse(node, at, 'A label') : () => completion.break
    case 'ContinueStatement':
      return node.label || !at.inLoop ? refuse(node, at, 'A label') : () => completion.continue
    case 'ForStatement':
      return compileFor(node, at)
    case 'ForOfStatement':
      return compileForOf(node, at)
    case 'WhileStatement':
    case 'DoWhileStatement':
      return compileWhile(node, at)
    case 'SwitchStatement':
      return switchStatement(node, at)
    case 'TryStatement':
      return tryStatement(node, at)
    case 'FunctionDeclaration':
      return statements([node], at)
    case 'WithStatement':
      throw invalid('Cannot use "with" statements due to security concerns', at.position + node.start)
    case 'ClassDeclaration':
      checkDeclared(node.id.name)
      return refuse(node, at, node.type)
    default:
      return refuse(node, at, node.type)
  }
}
