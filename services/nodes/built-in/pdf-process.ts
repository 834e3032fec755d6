import type { PDFDocumentProxy } from 'pdfjs-dist'
import type { ApartAnswer } from './apart.ts'

export interface PdfInput {
  readonly bytes: Uint8Array
  readonly joinPages: boolean
  /** 0 = all. */
  readonly maxPages: number
  readonly password?: string
}
interface TextItem {
  readonly str: string
  readonly transform: readonly number[]
}

/** It wants the geometry of a browser when it is loaded, and for drawing alone: without this it would load a native canvas, which is not allowed here. */
const openLibrary = () => {
  Object.assign(globalThis, { DOMMatrix: class {}, ImageData: class {}, Path2D: class {} })
  return import('pdfjs-dist/legacy/build/pdf.mjs')
}

/** Texts of a page; a new line where the baseline changes. */
const textOf = async (document: PDFDocumentProxy, number: number): Promise<string> => {
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
  const { getDocument, version } = await openLibrary()
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

const say = (said: ApartAnswer<unknown>): void => void process.send?.(said)

const problemOf = (error: unknown): string => {
  const { name, message } = error as Error
  if (name === 'PasswordException') return 'The PDF is encrypted: its password is needed, or the one given is wrong'
  return `The file is no PDF, or it is damaged (${message})`
}

process.once('message', (input) =>
  read(input as PdfInput).then(
    (answer) => say({ answer }),
    (error: unknown) => say({ problem: problemOf(error) }),
  ),
)
