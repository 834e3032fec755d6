import { parentPort, workerData } from 'node:worker_threads'
import { getDocument, version } from 'pdfjs-dist/legacy/build/pdf.mjs'
import type { ThreadAnswer } from './in-thread.ts'

export interface PdfInput {
  readonly bytes: Uint8Array
  readonly joinPages: boolean
  /** 0 = all. */
  readonly maxPages: number
  readonly password?: string
}
type Document = Awaited<ReturnType<typeof getDocument>['promise']>
interface TextItem {
  readonly str: string
  readonly transform: readonly number[]
}

/** Texts of a page; a new line where the baseline changes. */
const textOf = async (document: Document, number: number): Promise<string> => {
  const { items } = await (await document.getPage(number)).getTextContent({ includeMarkedContent: false })
  let text = ''
  let baseline: number | undefined
  for (const { str, transform } of items as unknown as readonly TextItem[]) {
    const own = transform[5]
    text += baseline === undefined || baseline === own ? str : `\n${str}`
    baseline = own
  }
  return text
}

/** A copy that JSON can carry. */
const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value ?? null))

const read = async ({ bytes, joinPages, maxPages, password }: PdfInput): Promise<unknown> => {
  const document = await getDocument({
    data: new Uint8Array(bytes),
    ...(password !== undefined && { password }),
    isEvalSupported: false,
    useSystemFonts: false,
    disableFontFace: true,
    verbosity: 0,
  }).promise
  const { info, metadata } = await document.getMetadata()
  const count = maxPages > 0 ? Math.min(maxPages, document.numPages) : document.numPages
  const pages: string[] = []
  for (let number = 1; number <= count; number += 1) pages.push(await textOf(document, number))
  const known = plain(metadata && Object.fromEntries(metadata as unknown as Iterable<[string, unknown]>))
  return {
    numpages: document.numPages,
    numrender: count,
    info: plain(info),
    ...(known !== null && { metadata: known }),
    text: joinPages ? pages.join('\n\n') : pages,
    version,
  }
}

const say = (said: ThreadAnswer<unknown>): void => parentPort?.postMessage(said)

const problemOf = (error: unknown): string => {
  const { name, message } = error as Error
  if (name === 'PasswordException') return 'The PDF is encrypted: its password is needed, or the one given is wrong'
  return `The file is no PDF, or it is damaged (${message})`
}

read(workerData as PdfInput).then(
  (answer) => say({ answer }),
  (error: unknown) => say({ problem: problemOf(error) }),
)
