/** Both cases of a letter, when each is one character. */
const cases = (letter: string): readonly string[] =>
  [...new Set([letter.toLowerCase(), letter.toUpperCase(), letter])].filter((each) => each.length === 1)

const shift = (from: number, to: number, low: number, high: number, by: number): string => {
  const first = Math.max(from, low)
  const last = Math.min(to, high)
  return first > last ? '' : `${String.fromCharCode(first + by)}-${String.fromCharCode(last + by)}`
}

/** The other case of the ASCII letters in a range. */
const otherCase = (from: string, to: string): string => {
  const [low, high] = [from.charCodeAt(0), to.charCodeAt(0)]
  return shift(low, high, 97, 122, -32) + shift(low, high, 65, 90, 32)
}

/** The body of a class with what its letters are in the other case. */
const widenClass = (body: string): string => {
  let added = ''
  for (let at = 0; at < body.length; at++) {
    const letter = body[at]!
    if (letter === '\\') at++
    else if (body[at + 1] === '-' && at + 2 < body.length && body[at + 2] !== '\\') {
      added += otherCase(letter, body[at + 2]!)
      at += 2
    } else if (/\p{L}/u.test(letter))
      added += cases(letter)
        .filter((each) => each !== letter)
        .join('')
  }
  return body + added
}

const classEnd = (pattern: string, start: number): number => {
  for (let at = start + 1; at < pattern.length; at++) {
    if (pattern[at] === '\\') at++
    else if (pattern[at] === ']') return at
  }
  return pattern.length
}

/**
 * The same pattern without the need of the flag `i`, which V8's linear engine does not have: `ab` becomes `[aA][bB]`.
 * undefined when a letter is written as an escape.
 */
export const withoutIgnoreCase = (pattern: string): string | undefined => {
  if (/\\[xukc]/.test(pattern)) return undefined
  let widened = ''
  for (let at = 0; at < pattern.length; at++) {
    const letter = pattern[at]!
    const name = letter === '(' ? /^\(\?<[^=!>][^>]*>/.exec(pattern.slice(at, at + 200))?.[0] : undefined
    if (letter === '\\') widened += letter + (pattern[++at] ?? '')
    else if (letter === '[') {
      const end = classEnd(pattern, at)
      widened += `[${widenClass(pattern.slice(at + 1, end))}]`
      at = end
    } else if (name !== undefined) {
      widened += name
      at += name.length - 1
    } else widened += /\p{L}/u.test(letter) && cases(letter).length > 1 ? `[${cases(letter).join('')}]` : letter
  }
  return widened
}
