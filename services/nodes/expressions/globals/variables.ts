import { DateTime } from 'luxon'
import { ask } from '../ask.ts'
import type { Evaluation } from '../budget.ts'
import { failed } from '../errors.ts'
import { visible } from '../plain.ts'
import { currentBinary, currentItem, currentJson } from '../run-data/current-item.ts'
import { itemFunction, itemsFunction, nodeFunction, nodesFacade } from '../run-data/node-references.ts'
import { rawParameters, resolvedParameters } from '../run-data/parameter-data.ts'
import { executionFacade, inputFacade, previousFacade, workflowFacade } from '../run-data/run-facades.ts'
import { type Compute, Facade, Native } from '../values.ts'

const now = (evaluation: Evaluation): DateTime =>
  evaluation.cachedAs('$now', () => DateTime.fromISO(evaluation.scope.now, { zone: evaluation.scope.timezone, locale: 'en-US' }))

const nodeFacade = nodesFacade()

const noEnvironment = (): never => {
  throw failed('access to env vars denied')
}
const environment = new Facade({ methods: { get: () => noEnvironment }, properties: { get: () => noEnvironment } })

const itemsNative = new Native('$items', (evaluation, _, args) => itemsFunction(evaluation, args))

const additional = (evaluation: Evaluation, name: string): unknown => {
  const values = evaluation.scope.additional
  return values !== undefined && Object.hasOwn(values, name) ? visible(evaluation, values[name]) : undefined
}

/** Everything of the run that an expression names directly. */
export const variables: ReadonlyMap<string, Compute> = new Map<string, Compute>([
  ['$json', currentJson],
  ['$data', currentJson],
  ['$binary', currentBinary],
  ['$input', () => inputFacade],
  ['$thisItem', (evaluation) => visible(evaluation, currentItem(evaluation))],
  ['$thisItemIndex', ({ scope }) => scope.itemIndex],
  ['$thisRunIndex', ({ scope }) => scope.runIndex],
  ['$node', () => nodeFacade],
  ['$', () => nodeFunction],
  ['$items', () => itemsNative],
  ['$prevNode', () => previousFacade],
  ['$runIndex', ({ scope }) => scope.runIndex],
  ['$itemIndex', ({ scope }) => scope.itemIndex],
  ['$position', ({ scope }) => scope.itemIndex],
  ['$mode', ({ scope }) => (scope.execution.mode === 'test' ? 'manual' : 'trigger')],
  ['$execution', () => executionFacade],
  ['$executionId', ({ scope }) => scope.execution.id],
  ['$resumeWebhookUrl', ({ scope }) => scope.execution.resumeUrl],
  ['$workflow', () => workflowFacade],
  ['$vars', (evaluation) => visible(evaluation, evaluation.scope.variables)],
  [
    '$agentInfo',
    (evaluation) =>
      visible(
        evaluation,
        ask(evaluation, (run) => run.agentInfo()),
      ),
  ],
  ['$env', () => environment],
  ['$item', () => itemFunction],
  ...['$response', '$request', '$pageCount', '$version'].map((name): [string, Compute] => [
    name,
    (evaluation) => additional(evaluation, name),
  ]),
  ['$now', now],
  ['$today', (evaluation) => evaluation.cachedAs('$today', () => now(evaluation).startOf('day'))],
  ['$parameter', (evaluation) => resolvedParameters(evaluation, evaluation.scope.node.parameters)],
  ['$rawParameter', (evaluation) => rawParameters(evaluation, evaluation.scope.node.parameters)],
  ['$nodeVersion', ({ scope }) => scope.node.typeVersion],
  ['$nodeId', ({ scope }) => scope.node.id],
])
