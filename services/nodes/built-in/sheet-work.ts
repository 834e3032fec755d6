import type { BookType, ParsingOptions, Sheet2JSONOpts, WorkBook, WritingOptions } from '@e965/xlsx'
import type { JsonObject, JsonValue } from '@weconnect/contracts/json'

/*
 * What is done with spreadsheets, in this process or in one of its own: it imports nothing when it runs.
 */
type Library = Pick<typeof import('@e965/xlsx'), 'read' | 'write' | 'utils'>

export interface SheetToRead {
  readonly kind: 'read'
  /** The file, or its text. */
  readonly content: Uint8Array | string
  readonly parsing: ParsingOptions
  /** Empty: the first. */
  readonly sheetName: string
  readonly reading: Sheet2JSONOpts
}
export interface SheetToWrite {
  readonly kind: 'write'
  readonly rows: readonly Readonly<Record<string, JsonValue>>[]
  readonly skipHeader: boolean
  readonly sheetName: string
  readonly writing: Omit<WritingOptions, 'bookType'> & { readonly bookType: BookType }
}

/** A message for the user. */
export class SheetProblem extends Error {}

const sheetNameOf = ({ SheetNames }: WorkBook, wanted: string): string => {
  const name = wanted === '' ? SheetNames[0] : SheetNames.find((one) => one === wanted)
  if (name !== undefined) return name
  throw new SheetProblem(wanted === '' ? 'Spreadsheet does not have any sheets!' : `Spreadsheet does not contain sheet called "${wanted}"!`)
}

/** Dates and holes become what JSON has for them; a row without names is a list under `row`. */
const jsonOf = (row: unknown): JsonObject => {
  const plain = JSON.parse(JSON.stringify(row)) as JsonValue
  return typeof plain === 'object' && plain !== null && !Array.isArray(plain) ? (plain as JsonObject) : { row: plain }
}

/** @throws SheetProblem; anything for a file that is damaged */
export const readRows = ({ read, utils }: Library, { content, parsing, sheetName, reading }: SheetToRead): readonly JsonObject[] => {
  const workbook =
    typeof content === 'string' ? read(content, { ...parsing, type: 'string' }) : read(content, { ...parsing, type: 'buffer' })
  return utils.sheet_to_json(workbook.Sheets[sheetNameOf(workbook, sheetName)]!, reading).map(jsonOf)
}

export const writeRows = ({ utils, write }: Library, { rows, skipHeader, sheetName, writing }: SheetToWrite): Uint8Array => {
  const sheet = utils.json_to_sheet([...rows], { skipHeader })
  return write({ SheetNames: [sheetName], Sheets: { [sheetName]: sheet } }, writing) as Uint8Array
}
