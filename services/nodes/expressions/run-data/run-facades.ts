import { ask } from '../ask.ts'
import type { Evaluation } from '../budget.ts'
import { toText } from '../coerce.ts'
import { failed } from '../errors.ts'
import { visible } from '../plain.ts'
import type { Scope } from '../scope.ts'
import { Facade, members, type NativeCall } from '../values.ts'
import { currentBinary, currentJson } from './current-item.ts'
import { parametersOf } from './parameter-data.ts'

/** A method of `$input`: it speaks of the items that came in and takes no output or run, as those of `$('X')` do. */
const ofInput =
  (name: string, read: (items: Scope['items']) => unknown): NativeCall =>
  (evaluation, _, args) => {
    if (args.length > 0) throw failed(`$input.${name}() should have no arguments`)
    return visible(evaluation, read(evaluation.scope.items))
  }

const inputMembers = members(
  {
    all: ofInput('all', (items) => items),
    first: ofInput('first', (items) => items[0]),
    last: ofInput('last', (items) => items.at(-1)),
  },
  {
    item: (evaluation) => visible(evaluation, evaluation.scope.items[evaluation.scope.itemIndex]),
    json: currentJson,
    binary: currentBinary,
    params: (evaluation) => {
      const { previous } = evaluation.scope
      return previous === undefined ? {} : parametersOf(evaluation, previous.name)
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
