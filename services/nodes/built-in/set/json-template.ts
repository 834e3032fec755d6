import type { JsonValue } from '@weconnect/contracts/json'
import type { NodeContext } from '../../sdk/node.ts'

/** Text and expression blocks in turn; a block ends at the first `}}` that is not escaped. */
const partsOf = (template: string): readonly string[] => template.split(/(\{\{.*?(?<!\\)\}\})/s)
const isBlock = (part: string): boolean => part.startsWith('{{') && part.endsWith('}}')
const shown = (value: JsonValue | undefined): string =>
  value === undefined || value === null ? String(value ?? null) : typeof value === 'object' ? JSON.stringify(value) : String(value)

/**
 * JSON mode's text with its expressions filled in. Objects and lists come in as JSON, so that `"user": {{ $json.user }}` works,
 * which is why it is not evaluated as one expression.
 */
export const fillJsonTemplate = async (
  context: NodeContext,
  raw: JsonValue | undefined,
  itemIndex: number,
): Promise<JsonValue | undefined> => {
  if (typeof raw !== 'string' || !raw.startsWith('=')) return context.parameter('jsonOutput', itemIndex)
  const parts: string[] = []
  for (const part of partsOf(raw.slice(1))) parts.push(isBlock(part) ? shown(await context.evaluate(`=${part}`, itemIndex)) : part)
  return parts.join('')
}
