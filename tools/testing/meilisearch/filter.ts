import { ApiError } from './errors.ts'

type Document = Readonly<Record<string, unknown>>
type Predicate = (document: Document) => boolean

const token = /\s*(?:("(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*')|(!=|>=|<=|[=<>()[\],])|([^\s=<>()[\],!"']+))/y

/** MeiliSearch's filter language: `=`, `!=`, `IN`, `NOT IN`, `EXISTS`, `AND`, `OR`, `NOT`, parentheses. Text is compared without case. */
export const parseFilter = (text: string, filterable: ReadonlySet<string>): Predicate => {
  const tokens = tokensOf(text)
  let at = 0
  const peek = () => tokens[at]
  const take = (expected?: string): string => {
    const found = tokens[at++]
    if (found === undefined || (expected !== undefined && found !== expected))
      throw wrong(`expected ${expected ?? 'a value'} in \`${text}\``)
    return found
  }
  const isWord = (word: string): boolean => peek()?.toUpperCase() === word

  const any = (): Predicate => {
    const parts = [all()]
    while (isWord('OR')) {
      take()
      parts.push(all())
    }
    return (document) => parts.some((part) => part(document))
  }
  const all = (): Predicate => {
    const parts = [one()]
    while (isWord('AND')) {
      take()
      parts.push(one())
    }
    return (document) => parts.every((part) => part(document))
  }
  const one = (): Predicate => {
    if (isWord('NOT')) {
      take()
      const inner = one()
      return (document) => !inner(document)
    }
    if (peek() === '(') {
      take('(')
      const inner = any()
      take(')')
      return inner
    }
    return condition(attribute())
  }
  const attribute = (): string => {
    const name = unquoted(take())
    if (!filterable.has(name))
      throw wrong(`Attribute \`${name}\` is not filterable. Available filterable attributes are: ${[...filterable].join(', ')}.`)
    return name
  }
  const condition = (name: string): Predicate => {
    const operator = take().toUpperCase()
    if (operator === '=') return equals(name, unquoted(take()))
    if (operator === '!=') return not(equals(name, unquoted(take())))
    if (operator === 'EXISTS') return (document) => document[name] !== undefined
    if (operator === 'IN') return within(name)
    if (operator === 'NOT' && isWord('IN')) {
      take()
      return not(within(name))
    }
    throw wrong(`unknown operation ${operator} in \`${text}\``)
  }
  const within = (name: string): Predicate => {
    take('[')
    const values: Predicate[] = []
    while (peek() !== ']') {
      values.push(equals(name, unquoted(take())))
      if (peek() === ',') take(',')
    }
    take(']')
    return (document) => values.some((value) => value(document))
  }
  const predicate = any()
  if (peek() !== undefined) throw wrong(`found unexpected characters at the end of the filter: \`${peek()}\``)
  return predicate
}

const wrong = (message: string): ApiError => new ApiError(400, 'invalid_search_filter', message)
const not =
  (inner: Predicate): Predicate =>
  (document) =>
    !inner(document)
const equals =
  (name: string, value: string): Predicate =>
  (document) =>
    [document[name]].flat().some((found) => found !== undefined && found !== null && String(found).toLowerCase() === value.toLowerCase())

const unquoted = (text: string): string => (/^["']/.test(text) ? text.slice(1, -1).replaceAll(/\\(.)/g, '$1') : text)

const tokensOf = (text: string): readonly string[] => {
  const tokens: string[] = []
  token.lastIndex = 0
  while (token.lastIndex < text.trimEnd().length) {
    const found = token.exec(text)
    if (found === null) throw wrong(`the filter \`${text}\` cannot be read`)
    tokens.push(found[1] ?? found[2] ?? found[3] ?? '')
  }
  return tokens
}
