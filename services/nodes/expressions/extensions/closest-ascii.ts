import { createRequire } from 'node:module'

interface Transliteration {
  transliterate(text: string): string
}

let tables: Transliteration | undefined

/** Letters without their accents, other scripts and signs as they are spelt in ASCII. The tables are loaded when first needed. */
export const closestAscii = (text: string): string => {
  tables ??= createRequire(import.meta.url)('transliteration') as Transliteration
  return tables.transliterate(text)
}
