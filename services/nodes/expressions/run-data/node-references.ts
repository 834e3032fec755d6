import type { Item } from '@weconnect/contracts/items'
import { ask } from '../ask.ts'
import type { Evaluation } from '../budget.ts'
import { toInteger, toText } from '../coerce.ts'
import { failed } from '../errors.ts'
import { visible } from '../plain.ts'
import { type Arguments, Facade, members, Native, noMembers } from '../values.ts'
import { notExecuted } from './current-item.ts'
import { parametersOf } from './parameter-data.ts'

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
  throw failed(pairingProblems[found.problem](('node' in found && found.node) || name))
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
    params: (evaluation, self) => parametersOf(evaluation, nameOf(self)),
    context: (evaluation, self) =>
      visible(
        evaluation,
        ask(evaluation, (run) => run.contextOf(nameOf(self))),
      ),
  },
)

/** `$('Node')` */
const nodeReference = (evaluation: Evaluation, args: Arguments): Facade =>
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
    parameter: (evaluation, self) => parametersOf(evaluation, nameOf(self)),
    context: (evaluation, self) =>
      visible(
        evaluation,
        ask(evaluation, (run) => run.contextOf(nameOf(self))),
      ),
  },
)

/** `$node["X"]` */
const legacyReference = (evaluation: Evaluation, name: string, itemIndex: number | undefined): Facade =>
  new Facade(legacyMembers, { name: checkNode(evaluation, name), ...(itemIndex === undefined ? {} : { itemIndex }) })

/** `$node`, or the `$node` of `$item(i)`. */
export const nodesFacade = (itemIndex?: number): Facade =>
  new Facade({ methods: noMembers.methods, properties: { get: (name) => (evaluation) => legacyReference(evaluation, name, itemIndex) } })

const itemAt = (evaluation: Evaluation, self: unknown): Item | undefined =>
  visible(evaluation, evaluation.scope.items[(self as Facade).target as number])

const chosenMembers = members(
  {},
  {
    $json: (evaluation, self) => itemAt(evaluation, self)?.json,
    $binary: (evaluation, self) => itemAt(evaluation, self)?.binary ?? {},
    $node: (_, self) => nodesFacade((self as Facade).target as number),
    $itemIndex: (_, self) => (self as Facade).target,
  },
)

/** `$item(i)`: the variables as another item sees them. */
export const itemFunction = new Native('$item', (evaluation, _, args) => new Facade(chosenMembers, toInteger(evaluation, args[0])))

/** `$('Node')` */
export const nodeFunction = new Native('$', (evaluation, _, args) => nodeReference(evaluation, args))
