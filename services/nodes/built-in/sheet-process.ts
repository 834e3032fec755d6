import type { ApartAnswer } from './apart.ts'
import { readRows, SheetProblem, type SheetToRead, type SheetToWrite, writeRows } from './sheet-work.ts'

const say = (said: ApartAnswer<unknown>): void => void process.send?.(said)

const answerTo = async (input: SheetToRead | SheetToWrite): Promise<unknown> => {
  const library = await import('@e965/xlsx')
  return input.kind === 'read' ? readRows(library, input) : writeRows(library, input)
}

process.once('message', (input) =>
  answerTo(input as SheetToRead | SheetToWrite).then(
    (answer) => say({ answer }),
    (error: unknown) => say({ problem: error instanceof SheetProblem ? error.message : 'The file is no spreadsheet, or it is damaged' }),
  ),
)
