type Expected = 'value' | 'valueOrEnd' | 'key' | 'keyOrEnd' | 'colon' | 'commaOrEnd'

const literal = /(?:-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null)(?![\w.+-])/y
const blank = /[ \t\n\r]*/y

/** Index after what the pattern matches at `from`; `from` when it does not. */
const past = (pattern: RegExp, text: string, from: number): number => {
  pattern.lastIndex = from
  return pattern.test(text) ? pattern.lastIndex : from
}

/** Index after the string that begins at `from`, or undefined and where it is wrong. */
const stringEnd = (text: string, from: number): { readonly end?: number; readonly wrong: number } => {
  for (let at = from + 1; at < text.length; at += 1) {
    const code = text.charCodeAt(at)
    if (code === 34) return { end: at + 1, wrong: at }
    if (code < 32) return { wrong: at }
    if (code !== 92) continue
    at += 1
    const isUnicode = text[at] === 'u'
    if (isUnicode ? !/^[\da-f]{4}$/i.test(text.slice(at + 1, at + 5)) : !'"\\/bfnrt'.includes(text[at] ?? ' ')) return { wrong: at }
    if (isUnicode) at += 4
  }
  return { wrong: text.length }
}

const takesValue = (expected: Expected): boolean => expected === 'value' || expected === 'valueOrEnd'
const takesKey = (expected: Expected): boolean => expected === 'key' || expected === 'keyOrEnd'

/** Index of the first character that makes the text no JSON: JSON.parse does not always tell. The text's length when it ends too early. */
const errorIndex = (text: string): number => {
  const open: ('{' | '[')[] = []
  let expected: Expected = 'value'
  let at = 0
  for (;;) {
    at = past(blank, text, at)
    const character = text[at]
    if (character === undefined || (expected === 'commaOrEnd' && open.length === 0)) return at
    const inside = open.at(-1)
    if (character === '"' && (takesValue(expected) || takesKey(expected))) {
      const { end, wrong } = stringEnd(text, at)
      if (end === undefined) return wrong
      at = end
      expected = takesKey(expected) ? 'colon' : 'commaOrEnd'
    } else if ((character === '{' || character === '[') && takesValue(expected)) {
      open.push(character)
      expected = character === '{' ? 'keyOrEnd' : 'valueOrEnd'
      at += 1
    } else if (
      character === (inside === '{' ? '}' : ']') &&
      (expected === 'commaOrEnd' || expected === 'keyOrEnd' || expected === 'valueOrEnd')
    ) {
      open.pop()
      expected = 'commaOrEnd'
      at += 1
    } else if (character === ',' && expected === 'commaOrEnd') {
      expected = inside === '{' ? 'key' : 'value'
      at += 1
    } else if (character === ':' && expected === 'colon') {
      expected = 'value'
      at += 1
    } else {
      const end = takesValue(expected) ? past(literal, text, at) : at
      if (end === at) return at
      at = end
      expected = 'commaOrEnd'
    }
  }
}

/** Where a text stops being JSON, for messages; it never quotes the text, which may hold secrets. */
export const placeOfJsonError = (text: string): string => {
  const at = errorIndex(text)
  const before = text.slice(0, at)
  const line = before.split('\n').length
  const place = `position ${at} (line ${line} column ${at - before.lastIndexOf('\n')})`
  return at === text.length ? `${place}, its end` : place
}
