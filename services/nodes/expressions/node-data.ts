import type { Item } from '@weconnect/contracts/items'
import type { Evaluation } from './budget.ts'
import { toInteger, toText } from './coerce.ts'
import { failed, Passage } from './errors.ts'
import { resolvedParameters } from './parameter-data.ts'
import { visible } from './plain.ts'
import type { RunScope } from './scope.ts'
import { type Arguments, Facade, members, Native, noMembers } from './values.ts'

/** Asks the run; what it throws (data still to be loaded) passes the user's catch. */
const ask = <T>(evaluation: Evaluation, question: (run: RunScope) => T): T => {
  try {
    return question(evaluation.scope.run)
  } catch (error) {
    throw new Passage(error)
  }
}

const notExecuted = (name: string) => failed(`Node '${name}' hasn't been executed`)

export const currentItem = (evaluation: Evaluation): Item => {
  const { items, itemIndex, node } = evaluation.scope
  const item = items[itemIndex]
  if (item === undefined) throw notExecuted(node.name)
  return item
}

export const currentJson = (evaluation: Evaluation): unknown => visible(evaluation, currentItem(evaluation).json)
export const currentBinary = (evaluation: Evaluation): unknown => visible(evaluation, currentItem(evaluation).binary ?? {})

/** Which node, output and run a facade speaks of. */
interface NodeReference {
  readonly name: string
  /** Index of the item the node is asked about; the current one unless `$item` chose another. */
  readonly itemIndex?: number
}

const checkNode = (evaluation: Evaluation, name: string): string => {
  if (!ask(evaluation, (run) => run.hasNode(name))) throw failed("Referenced node doesn't exist")
  return name
}

const outputOf = (evaluation: Evaluation, name: string, output: number, run: number | undefined): readonly Item[] => {
  const items = ask(evaluation, (scope) => scope.outputOf(name, output, run))
  if (items !== undefined) return visible(evaluation, items)
  if (ask(evaluation, (scope) => scope.lastRunOf(name)) < 0) throw notExecuted(name)
  return []
}

/** Items of `$('X').all(branch, run)`: by default the output that leads here, of the latest run. */
const itemsOf = (evaluation: Evaluation, name: string, args: Arguments): readonly Item[] => {
  const output =
    args[0] === undefined || args[0] === null ? ask(evaluation, (run) => run.outputTowardsCurrent(name)) : toInteger(evaluation, args[0])
  const run = args[1] === undefined || args[1] === null || args[1] === -1 ? undefined : toInteger(evaluation, args[1])
  return outputOf(evaluation, name, output, run)
}

const pairingProblems = {
  notExecuted: (name: string) => notExecuted(name).message,
  notConnected: (name: string) => `No path back to node '${name}'`,
  noPairing: (name: string) =>
    `Paired item data for item from node '${name}' is unavailable. Ensure '${name}' is providing the required output.`,
  multiple: () => 'Multiple matches found',
  outOfRange: () => "Can't get data for expression",
}

const pairedItem = (evaluation: Evaluation, name: string, itemIndex: number): Item => {
  const found = ask(evaluation, (run) => run.pairedItem(name, itemIndex))
  if ('item' in found) return visible(evaluation, found.item)
  throw failed(pairingProblems[found.problem](name))
}

const nameOf = (self: unknown) => ((self as Facade).target as NodeReference).name
const at = (list: readonly Item[], index: number): Item | undefined => list[index]
const matching = (evaluation: Evaluation, self: unknown, args: Arguments) =>
  pairedItem(evaluation, nameOf(self), toInteger(evaluation, args[0], evaluation.scope.itemIndex))

const referenceMembers = members(
  {
    first: (evaluation, self, args) => at(itemsOf(evaluation, nameOf(self), args), 0),
    last: (evaluation, self, args) => itemsOf(evaluation, nameOf(self), args).at(-1),
    all: (evaluation, self, args) => itemsOf(evaluation, nameOf(self), args),
    itemMatching: (evaluation, self, args) => {
      if (args[0] === undefined) throw failed('Missing item index for .itemMatching() (e.g. .itemMatching(0))')
      return matching(evaluation, self, args)
    },
    pairedItem: matching,
  },
  {
    item: (evaluation, self) => pairedItem(evaluation, nameOf(self), evaluation.scope.itemIndex),
    isExecuted: (evaluation, self) => ask(evaluation, (run) => run.lastRunOf(nameOf(self))) >= 0,
    params: (evaluation, self) => parametersFacade(evaluation, nameOf(self)),
    context: (evaluation, self) =>
      visible(
        evaluation,
        ask(evaluation, (run) => run.contextOf(nameOf(self))),
      ),
  },
)

/** `$('Node')` */
export const nodeReference = (evaluation: Evaluation, args: Arguments): Facade =>
  new Facade(referenceMembers, { name: checkNode(evaluation, toText(evaluation, args[0])) })

/** `$items(name, output, run)` */
export const itemsFunction = (evaluation: Evaluation, args: Arguments): unknown => {
  const { previous, items } = evaluation.scope
  if (args[0] === undefined)
    return previous === undefined ? visible(evaluation, items) : outputOf(evaluation, previous.name, previous.output, undefined)
  const name = checkNode(evaluation, toText(evaluation, args[0]))
  return outputOf(evaluation, name, toInteger(evaluation, args[1]), args[2] === undefined ? undefined : toInteger(evaluation, args[2]))
}

/** The item of `$node["X"]`: the linked one when the pairing is known, else the one with the current index. */
const linkedItem = (evaluation: Evaluation, self: unknown): Item => {
  const { name, itemIndex = evaluation.scope.itemIndex } = (self as Facade).target as NodeReference
  const found = ask(evaluation, (run) => run.pairedItem(name, itemIndex))
  if ('item' in found) return visible(evaluation, found.item)
  const output = ask(evaluation, (run) => run.outputTowardsCurrent(name))
  const item = outputOf(evaluation, name, output, undefined)[itemIndex]
  if (item === undefined) throw failed("Can't get data for expression")
  return item
}

const legacyMembers = members(
  {},
  {
    json: (evaluation, self) => linkedItem(evaluation, self).json,
    data: (evaluation, self) => linkedItem(evaluation, self).json,
    binary: (evaluation, self) => linkedItem(evaluation, self).binary ?? {},
    runIndex: (evaluation, self) => ask(evaluation, (run) => run.lastRunOf(nameOf(self))),
    parameter: (evaluation, self) => parametersFacade(evaluation, nameOf(self)),
    context: (evaluation, self) =>
      visible(
        evaluation,
        ask(evaluation, (run) => run.contextOf(nameOf(self))),
      ),
  },
)

const parametersFacade = (evaluation: Evaluation, name: string): unknown =>
  resolvedParameters(evaluation, ask(evaluation, (run) => run.parametersOf(name)) ?? {})

/** `$node["X"]` */
export const legacyReference = (evaluation: Evaluation, name: string): Facade =>
  new Facade(legacyMembers, { name: checkNode(evaluation, name) })

const inputMembers = members(
  {
    all: (evaluation) => visible(evaluation, evaluation.scope.items),
    first: (evaluation) => visible(evaluation, evaluation.scope.items[0]),
    last: (evaluation) => visible(evaluation, evaluation.scope.items.at(-1)),
  },
  {
    item: (evaluation) => visible(evaluation, evaluation.scope.items[evaluation.scope.itemIndex]),
    json: currentJson,
    binary: currentBinary,
    params: (evaluation) => {
      const { previous } = evaluation.scope
      return previous === undefined ? {} : parametersFacade(evaluation, previous.name)
    },
    context: (evaluation) => {
      const { previous } = evaluation.scope
      return previous === undefined
        ? {}
        : visible(
            evaluation,
            ask(evaluation, (run) => run.contextOf(previous.name)),
          )
    },
  },
)

export const inputFacade = new Facade(inputMembers, undefined, ['item', 'params', 'context'])

const customDataOf = (evaluation: Evaluation) => evaluation.scope.execution.customData
const onlyInCode = (name: string) => () => {
  throw failed(`$execution.customData.${name}() can only be used in a Code node`)
}

const customData = new Facade(
  members({
    get: (evaluation, _, [key]) => {
      const values = customDataOf(evaluation)
      const name = toText(evaluation, key)
      return Object.hasOwn(values, name) ? values[name] : undefined
    },
    getAll: (evaluation) => visible(evaluation, customDataOf(evaluation)),
    set: onlyInCode('set'),
    setAll: onlyInCode('setAll'),
  }),
)

export const executionFacade = new Facade(
  members(
    {},
    {
      id: (evaluation) => evaluation.scope.execution.id,
      mode: (evaluation) => evaluation.scope.execution.mode,
      resumeUrl: (evaluation) => evaluation.scope.execution.resumeUrl,
      customData: () => customData,
    },
  ),
  undefined,
  ['id', 'mode', 'resumeUrl'],
)

export const workflowFacade = new Facade(
  members(
    {},
    {
      id: (evaluation) => evaluation.scope.workflow.id,
      name: (evaluation) => evaluation.scope.workflow.name,
      active: (evaluation) => evaluation.scope.workflow.active,
    },
  ),
  undefined,
  ['id', 'name', 'active'],
)

export const previousFacade = new Facade(
  members(
    {},
    {
      name: (evaluation) => evaluation.scope.previous?.name,
      outputIndex: (evaluation) => evaluation.scope.previous?.output,
      runIndex: (evaluation) => evaluation.scope.previous?.runIndex,
    },
  ),
  undefined,
  ['name', 'outputIndex', 'runIndex'],
)

export const nodeFunction = new Native('$', (evaluation, _, args) => nodeReference(evaluation, args))
