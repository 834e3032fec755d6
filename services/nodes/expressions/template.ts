/** A piece of an expression text: words between the blocks, or the code of one block with its position in the text. */
export type TemplatePart =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'code'; readonly code: string; readonly position: number }

/** First `marker` at or after `from` that has no backslash before it; -1 when there is none. */
const unescaped = (text: string, marker: string, from: number): number => {
  let at = text.indexOf(marker, from)
  while (at > from && text[at - 1] === '\\') at = text.indexOf(marker, at + 1)
  return at
}

const plain = (text: string, out: TemplatePart[]): void => {
  const words = text.replaceAll('\\{{', '{{').replaceAll('\\}}', '}}')
  if (words !== '') out.push({ kind: 'text', text: words })
}

/**
 * Splits the text of an expression, its leading `=` removed. A block ends at the first unescaped `}}`, even inside strings or objects, as in n8n;
 * an unclosed block is words.
 * @param offset position of `text` in what the user typed
 */
export const splitTemplate = (text: string, offset: number): readonly TemplatePart[] => {
  const parts: TemplatePart[] = []
  let done = 0
  for (;;) {
    const open = unescaped(text, '{{', done)
    const close = open < 0 ? -1 : unescaped(text, '}}', open + 2)
    if (close < 0) break
    plain(text.slice(done, open), parts)
    parts.push({ kind: 'code', code: text.slice(open + 2, close).replaceAll('\\}}', '}}'), position: offset + open + 2 })
    done = close + 2
  }
  plain(text.slice(done), parts)
  return parts
}
