import type { NodeType } from '../../sdk/node.ts'
import { asObject, asText } from '../per-item.ts'
import { errorObject } from './answer.ts'
import { classicDefinition } from './classic-definition.ts'
import { classicPlanOf } from './classic-request.ts'
import { definition } from './definition.ts'
import { paginationOf } from './pagination.ts'
import { optionNames, planOf } from './request.ts'
import { batchingOf, batchOf, sendEach, type Way } from './send.ts'

const namesIn = ({ properties }: typeof definition): readonly string[] => [...new Set(properties.map(({ name }) => name))]

const current: Way = {
  names: [...namesIn(definition).filter((name) => name !== 'options'), ...['batching', ...optionNames].map((name) => `options.${name}`)],
  plan: planOf,
  batch: (read) => batchingOf(read('options.batching')),
  pagination: async (context) => paginationOf(await context.rawParameter('options.pagination')),
  failure: errorObject,
}

const classic: Way = {
  names: namesIn(classicDefinition),
  plan: classicPlanOf,
  batch: (read) => {
    const { batchSize, batchInterval } = asObject(read('options'))
    return batchOf(batchSize, batchSize === undefined ? undefined : (batchInterval ?? 1000))
  },
  pagination: async () => undefined,
  failure: (error) => (error instanceof Error ? error.message : String(error)),
}

const validate: NodeType['validate'] = ({ url }) =>
  asText(url).trim() === '' ? [{ parameter: 'url', message: 'Parameter "URL" is required' }] : []

/** HTTP Request, version 3 and later. */
export const httpRequest: NodeType = { definition, execute: (context) => sendEach(context, current), validate }

/** HTTP Request, versions 1 and 2. */
export const httpRequestClassic: NodeType = {
  definition: classicDefinition,
  execute: (context) => sendEach(context, classic),
  validate,
}
