import { createHash } from 'node:crypto'
import { titleCase } from 'title-case'
import type { Evaluation } from '../budget.ts'
import { toNumber } from '../coerce.ts'
import { failed } from '../errors.ts'
import { parseJson } from '../json-text.ts'
import { type Arguments, members, type NativeCall } from '../values.ts'
import { textOr } from './arguments.ts'
import { closestAscii } from './closest-ascii.ts'
import { removeMarkdown, removeTags, toSentenceCase, toSnakeCase } from './string-case.ts'
import { extractDomain, extractEmail, extractUrl, extractUrlPath, isDomain, isEmail, isUrl } from './string-parts.ts'
import { fromText } from './to-date-time.ts'

/** Every one of these reads the text several times over. */
const on =
  (method: (text: string, args: Arguments, evaluation: Evaluation) => unknown): NativeCall =>
  (evaluation, self, args) => {
    if (typeof self !== 'string') throw new TypeError('not a text')
    const text = self
    evaluation.chargeText(text.length)
    evaluation.charge(20 + text.length)
    const result = method(text, args, evaluation)
    return typeof result === 'string' ? evaluation.text(result) : result
  }

/** What takes about a microsecond a character. */
const slowly =
  (method: (text: string) => string) =>
  (text: string, _: Arguments, evaluation: Evaluation): string => {
    evaluation.charge(30 * text.length)
    return method(text)
  }

const algorithms: Readonly<Record<string, string>> = {
  md5: 'md5',
  sha1: 'sha1',
  sha224: 'sha224',
  sha256: 'sha256',
  sha384: 'sha384',
  sha512: 'sha512',
  sha3: 'sha3-512',
}

const hash = (text: string, algorithm: string): string => {
  const name = algorithm.toLowerCase()
  if (name === 'base64') return Buffer.from(text).toString('base64')
  if (!Object.hasOwn(algorithms, name)) {
    throw failed(`Unknown algorithm ${algorithm}. Available algorithms are: ${Object.keys(algorithms).join()}, and Base64.`)
  }
  return createHash(algorithms[name]!).update(text).digest('hex')
}

const number = (text: string, kind: string, convert: (text: string) => number): number => {
  const value = convert(text.replace(/[$€£¥₹₽₩]/g, ''))
  if (Number.isNaN(value)) throw failed(`cannot convert to ${kind}`)
  return value
}

const isNumeric = (text: string): boolean => !text.includes(' ') && !Number.isNaN(Number(text)) && !Number.isNaN(Number.parseFloat(text))

const quote = (text: string, mark: string): string => mark + text.replaceAll(mark, `\\${mark}`) + mark

const toDate = (text: string): Date => {
  const date = new Date(text)
  if (Number.isNaN(date.getTime())) throw failed('cannot convert to date')
  return date
}

const readJson = (text: string): unknown => {
  try {
    return parseJson(text)
  } catch {
    throw failed(/\{\s*'|'\s*\}/.test(text) ? "Parsing failed. Check you're using double quotes" : 'Parsing failed')
  }
}

const toInt = on((text, [radix], evaluation) => {
  const base = radix === undefined ? 10 : toNumber(evaluation, radix)
  return number(text, 'integer', (digits) => Number.parseInt(digits, base))
})
const toFloat = on((text) => number(text, 'float', Number.parseFloat))

/** n8n's methods of strings. */
export const stringExtensions = members({
  base64Decode: on((text) => Buffer.from(text, 'base64').toString('utf8')),
  base64Encode: on((text) => Buffer.from(text).toString('base64')),
  encrypt: on((text, [algorithm], evaluation) => hash(text, textOr(evaluation, algorithm, 'md5'))),
  extractDomain: on(extractDomain),
  extractEmail: on(extractEmail),
  extractUrl: on(extractUrl),
  extractUrlPath: on(extractUrlPath),
  hash: on((text, [algorithm], evaluation) => hash(text, textOr(evaluation, algorithm, 'md5'))),
  isBlank: on((text) => text === ''),
  isDomain: on(isDomain),
  isEmail: on(isEmail),
  isEmpty: on((text) => text === ''),
  isNotEmpty: on((text) => text !== ''),
  isNumeric: on(isNumeric),
  isUrl: on(isUrl),
  parseJson: on(readJson),
  quote: on((text, [mark], evaluation) => quote(text, textOr(evaluation, mark, '"'))),
  removeMarkdown: on(removeMarkdown),
  removeTags: on(removeTags),
  replaceSpecialChars: on(slowly(closestAscii)),
  stripTags: on(removeTags),
  toBoolean: on((text) => !['', '0', 'false', 'no'].includes(text.toLowerCase())),
  toDate: on(toDate),
  toDateTime: on((text, [format], evaluation) =>
    fromText(evaluation, text, format === undefined ? undefined : textOr(evaluation, format, '')),
  ),
  toDecimalNumber: toFloat,
  toFloat,
  toInt,
  toJsonString: on((text) => JSON.stringify(text)),
  toNumber: on((text) => number(text, 'number', Number)),
  toSentenceCase: on(toSentenceCase),
  toSnakeCase: on(toSnakeCase),
  toTitleCase: on(slowly(titleCase)),
  toWholeNumber: toInt,
  urlDecode: on((text, [entire]) => (entire ? decodeURI(text) : decodeURIComponent(text))),
  urlEncode: on((text, [entire]) => (entire ? encodeURI(text) : encodeURIComponent(text))),
})
