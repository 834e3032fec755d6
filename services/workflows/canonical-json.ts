import { createHash } from 'node:crypto'
import { isJsonObject } from '@weconnect/contracts/json'
import type { WorkflowContent } from './model.ts'

/** JSON with the keys of every object sorted and absent values left out, so that equal values give equal text. */
export const canonicalJson = (value: unknown): string => {
  if (Array.isArray(value)) return `[${value.map((entry) => canonicalJson(entry ?? null)).join(',')}]`
  if (!isJsonObject(value)) return JSON.stringify(value)
  const entries = Object.keys(value)
    .filter((key) => value[key] !== undefined)
    .sort()
    .map((key) => `${JSON.stringify(key)}:${canonicalJson(value[key])}`)
  return `{${entries.join(',')}}`
}

export const sameJson = (left: unknown, right: unknown): boolean =>
  left === right || (left !== undefined && right !== undefined && canonicalJson(left) === canonicalJson(right))

/** SHA-256 (hex) over the canonical JSON of what runs. The id is left out: a copy has the same hash. */
export const contentHash = ({ name, nodes, connections, settings, pinData }: WorkflowContent): string =>
  createHash('sha256').update(canonicalJson({ name, nodes, connections, settings, pinData })).digest('hex')
