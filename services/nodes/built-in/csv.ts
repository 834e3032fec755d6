import { WeConnectError } from '@weconnect/contracts/errors'
import type { JsonObject } from '@weconnect/contracts/json'
import { asObject, asText } from './per-item.ts'
import { decoded } from './text-encoding.ts'
import { withinTime } from './within-time.ts'

const wholeNumber = (value: unknown): number | undefined => {
  const number = Number(value)
  return Number.isInteger(number) && number > 0 ? number : undefined
}

const notEmpty = (row: unknown): unknown =>
  Array.isArray(row) ? row : Object.fromEntries(Object.entries(row as Record<string, unknown>).filter(([, value]) => value !== ''))

/** Counts the rows that are left out, so that no more are than the user allows; a negative limit is none. */
const skippingOf = (
  options: JsonObject,
): { readonly skip_records_with_error?: boolean; readonly on_skip?: (error?: Error) => undefined } => {
  const { enabled, maxSkippedRecords } = asObject(asObject(options['skipRecordsWithErrors'])['value'])
  if (enabled !== true) return {}
  const limit = Number(maxSkippedRecords ?? -1)
  let skipped = 0
  const on_skip = (error?: Error): undefined => {
    skipped += 1
    if (limit >= 0 && skipped > limit)
      throw new WeConnectError(
        'NODE_FAILED',
        `More than ${limit} ${limit === 1 ? 'row has' : 'rows have'} errors, the last: ${error?.message}`,
      )
  }
  return { skip_records_with_error: true, on_skip }
}

/**
 * The rows of a text with separators: by the names in the first row, or lists with `headerRow: false`. Values are texts; empty ones are left
 * out unless `includeEmptyCells`. Other options: delimiter, encoding, enableBOM (a mark at the start is no data), maxRowCount, fromLine, relaxQuotes,
 * skipRecordsWithErrors (a row that cannot be read is left out).
 * @throws WeConnectError NODE_FAILED naming the line
 */
export const readCsv = async (bytes: Buffer, options: JsonObject): Promise<readonly unknown[]> => {
  const { parse } = await import('csv-parse/sync')
  const text = await decoded(bytes, asText(options['encoding']) || 'utf8', options['enableBOM'] === true)
  const [maxRows, firstLine] = [wholeNumber(options['maxRowCount']), wholeNumber(options['fromLine'] ?? options['startingLine'])]
  try {
    const rows = withinTime('Reading the CSV', () =>
      parse(text, {
        columns: options['headerRow'] !== false,
        delimiter: asText(options['delimiter']) || ',',
        relax_quotes: options['relaxQuotes'] === true,
        ...skippingOf(options),
        ...(maxRows === undefined ? {} : { to: maxRows }),
        ...(firstLine === undefined ? {} : { from_line: firstLine }),
      }),
    ) as readonly unknown[]
    return options['includeEmptyCells'] === true ? rows : rows.map(notEmpty)
  } catch (error) {
    throw error instanceof WeConnectError ? error : new WeConnectError('NODE_FAILED', (error as Error).message, { cause: error })
  }
}
