import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

/**
 * For `test.skipIf(missing('tar', present))`. On a developer's machine a missing tool skips the test, loudly;
 * under CI=true it is a failure, so that a build never turns green by not looking.
 */
export const missing = (tool: string, present: boolean): boolean => {
  if (present) return false
  if (process.env['CI'] === 'true') throw new Error(`${tool} is missing, and under CI=true a missing tool is a failure`)
  console.warn(`skipped: ${tool} is missing on this machine`)
  return true
}

/**
 * A folder of the collection of public workflows and cases that may lie beside the checkout, at `../shared`; undefined, with a message, when it does not.
 * It is not part of the product, so that its absence is no failure anywhere.
 */
export const sharedFolder = (path: string): string | undefined => {
  const folder = fileURLToPath(new URL(`../../../shared/${path}`, import.meta.url))
  if (existsSync(folder)) return folder
  console.warn(`skipped: no ../shared/${path} beside this checkout`)
  return undefined
}
