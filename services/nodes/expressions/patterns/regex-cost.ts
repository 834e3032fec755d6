/** What a backtracking engine may need: `repeats` multiply by the length of the text, `choices` by two. */
export interface PatternCost {
  readonly repeats: number
  readonly choices: number
  /** A repetition of what is itself ambiguous: exponential. */
  readonly nested: boolean
}

interface Group {
  ambiguous: boolean
}

const quantifierAt = (
  pattern: string,
  at: number,
): { readonly length: number; readonly kind: 'repeat' | 'option' | 'exact' } | undefined => {
  const [letter] = pattern.slice(at, at + 1)
  if (letter === '*' || letter === '+') return { length: 1, kind: 'repeat' }
  if (letter === '?') return { length: 1, kind: 'option' }
  const counted = letter === '{' ? /^\{(\d+)(,\d*)?\}/.exec(pattern.slice(at, at + 40)) : null
  if (counted === null) return undefined
  const { length } = counted[0]
  return counted[2] === undefined ? { length, kind: 'exact' } : { length, kind: 'repeat' }
}

const skipAtom = (pattern: string, at: number): number => {
  if (pattern[at] === '\\') return at + (/^\\[pP]\{[^}]*\}/.exec(pattern.slice(at, at + 60))?.[0].length ?? 2)
  if (pattern[at] !== '[') return at + 1
  let end = at + 1
  while (end < pattern.length && pattern[end] !== ']') end += pattern[end] === '\\' ? 2 : 1
  return end + 1
}

/** An estimate from the text of the pattern alone, always on the high side. */
export const patternCost = (pattern: string): PatternCost => {
  const groups: Group[] = [{ ambiguous: false }]
  let repeats = 0
  let choices = 0
  let nested = false
  let at = 0
  const quantify = (inner: boolean) => {
    const quantifier = quantifierAt(pattern, at)
    if (quantifier === undefined) return
    at += quantifier.length
    if (pattern[at] === '?') at++
    if (quantifier.kind === 'option') choices++
    if (quantifier.kind === 'repeat') repeats++
    if (inner && quantifier.kind !== 'option') nested = true
    if (quantifier.kind !== 'exact') groups.at(-1)!.ambiguous = true
  }
  while (at < pattern.length) {
    const letter = pattern[at]
    if (letter === '(') {
      groups.push({ ambiguous: false })
      at += /^\((\?(?::|=|!|<=|<!|<[^>]*>))?/.exec(pattern.slice(at, at + 200))![0].length
    } else if (letter === '|') {
      choices++
      groups.at(-1)!.ambiguous = true
      at++
    } else if (letter === ')') {
      at++
      const inner = groups.length > 1 && groups.pop()!.ambiguous
      if (inner) groups.at(-1)!.ambiguous = true
      quantify(inner)
    } else {
      at = skipAtom(pattern, at)
      quantify(false)
    }
  }
  return { repeats, choices, nested }
}

/** What a backtracking engine may take over a text, in steps of its own. */
export const stepsOver = ({ repeats, choices }: PatternCost, length: number): number => 2 ** choices * length ** (repeats + 1)

/** Characters of text on which a backtracking engine takes at most about so many steps; 0 when there is no bound. */
export const safeLength = ({ repeats, choices, nested }: PatternCost, steps = 1e8): number =>
  nested || choices > 16 ? 0 : Math.floor((steps / 2 ** choices) ** (1 / (repeats + 1)))
