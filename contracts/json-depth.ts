/** Levels of arrays and objects within each other. Deeper than any sender writes; every reader of a value after us recurses into it. */
export const maxJsonDepth = 200

const quote = 34
const backslash = 92
const opening = new Set([91, 123])
const closing = new Set([93, 125])

/** Index after the string whose quote is before `at`. */
const afterString = (text: string, from: number): number => {
  let at = from
  for (let code = text.charCodeAt(at); code !== quote && at < text.length; code = text.charCodeAt(at)) at += code === backslash ? 2 : 1
  return at + 1
}

/** Index of the bracket that opens a level too many, found without parsing; undefined when none does. The text need not be JSON. */
export const tooDeepAt = (text: string): number | undefined => {
  if (text.length <= maxJsonDepth) return undefined
  let depth = 0
  for (let at = 0; at < text.length; ) {
    const code = text.charCodeAt(at)
    if (opening.has(code)) depth += 1
    else if (closing.has(code)) depth -= 1
    if (depth > maxJsonDepth) return at
    at = code === quote ? afterString(text, at + 1) : at + 1
  }
  return undefined
}
