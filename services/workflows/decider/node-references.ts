import { isJsonObject, type JsonObject, type JsonValue } from '@weconnect/contracts/json'

/** Parameters that hold code rather than an expression: the whole text is searched. */
const codeParameters = new Set(['jsCode', 'functionCode', 'pythonCode'])

// $('Name'), $items('Name') and $node['Name'], in any of the three quotes; no word may run into the $.
const quotedReference = /(?<![\w$])(\$\(|\$items\(|\$node\[)(\s*)(['"`])((?:\\.|(?!\3)[^\\])*)\3/gs
const dottedReference = /(?<![\w$])\$node\.([A-Za-z_$][\w$]*)/g
const identifier = /^[A-Za-z_$][\w$]*$/

const unquoted = (text: string): string => text.replace(/\\(.)/gs, '$1')
const quotable = (text: string, quote: string): string =>
  text.replace(/[\\'"`]/g, (char) => (char === quote || char === '\\' ? `\\${char}` : char))

const inText = (text: string, from: string, to: string): string =>
  text
    .replace(quotedReference, (match, opening: string, space: string, quote: string, name: string) =>
      unquoted(name) === from ? `${opening}${space}${quote}${quotable(to, quote)}${quote}` : match,
    )
    .replace(dottedReference, (match, name: string) => {
      if (name !== from) return match
      return identifier.test(to) ? `$node.${to}` : `$node["${quotable(to, '"')}"]`
    })

/**
 * The value with every expression that names node `from` naming `to` instead. Expressions are strings that begin with `=`, and code.
 * Answers the same object when nothing names it.
 */
export const renameReferences = <Value extends JsonValue>(value: Value, from: string, to: string): Value =>
  renamed(value, from, to, false) as Value

/** Names of the nodes that expressions and code of the value speak of. */
export const namesReferredTo = (value: JsonValue): ReadonlySet<string> => {
  const names = new Set<string>()
  collect(value, false, names)
  return names
}

const collect = (value: JsonValue | undefined, isCode: boolean, names: Set<string>): void => {
  if (typeof value === 'string') {
    if (!isCode && !value.startsWith('=')) return
    for (const [, , , , name = ''] of value.matchAll(quotedReference)) names.add(unquoted(name))
    for (const [, name = ''] of value.matchAll(dottedReference)) names.add(name)
  } else if (Array.isArray(value)) for (const entry of value as readonly JsonValue[]) collect(entry, isCode, names)
  else if (isJsonObject(value ?? null))
    for (const [key, member] of Object.entries(value as JsonObject)) collect(member, isCode || codeParameters.has(key), names)
}

const renamed = (value: JsonValue, from: string, to: string, isCode: boolean): JsonValue => {
  if (typeof value === 'string') return isCode || value.startsWith('=') ? inText(value, from, to) : value
  if (Array.isArray(value))
    return keepIfSame(
      value,
      value.map((entry: JsonValue) => renamed(entry, from, to, isCode)),
    )
  if (!isJsonObject(value)) return value
  const entries = Object.entries(value).map(([key, member]): [string, JsonValue | undefined] => [
    key,
    member === undefined ? undefined : renamed(member, from, to, isCode || codeParameters.has(key)),
  ])
  return entries.every(([key, member]) => member === value[key]) ? value : Object.fromEntries(entries)
}

const keepIfSame = (before: readonly JsonValue[], after: readonly JsonValue[]): readonly JsonValue[] =>
  after.every((entry, index) => entry === before[index]) ? before : after
