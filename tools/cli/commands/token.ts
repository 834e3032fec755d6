import { parseArgs } from 'node:util'
import { wholeNumber } from '../arguments.ts'
import { dataFolderOf, ownerToken } from '../instance.ts'

/** Prints a JWT of the owner, valid for --ttl seconds (default: 12 hours), for curl and scripts. */
export const token = async (args: readonly string[]): Promise<number> => {
  const { values } = parseArgs({ args: [...args], options: { data: { type: 'string' }, ttl: { type: 'string' } } })
  console.log(await ownerToken(dataFolderOf(values), wholeNumber('ttl', values.ttl, 12 * 3600)))
  return 0
}
