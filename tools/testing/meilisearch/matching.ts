/** How MeiliSearch compares words, roughly: without case and accents; the last word may go on; one slip from 5 letters, two from 9. */
const normal = (text: string): string => text.normalize('NFKD').replaceAll(/\p{M}/gu, '').toLowerCase()

export const wordsOf = (text: string): readonly string[] => normal(text).match(/[\p{L}\p{N}]+/gu) ?? []

/** Restricted to what matters: whether one becomes the other by at most `most` changes of a letter. */
const within = (a: string, b: string, most: number): boolean => {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index)
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i]
    for (let j = 1; j <= b.length; j += 1)
      next.push(Math.min((row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1, (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1)))
    row = next
  }
  return (row[b.length] ?? 99) <= most
}

export const isMatch = (word: string, query: string, isLast: boolean): boolean => {
  if (word === query || (isLast && word.startsWith(query))) return true
  const typos = query.length >= 9 ? 2 : query.length >= 5 ? 1 : 0
  return typos > 0 && Math.abs(word.length - query.length) <= typos && within(word, query, typos)
}

/** What was found between the tags, cut to some words around it. */
export const excerpt = (text: string, query: readonly string[], length: number, [before, after]: readonly [string, string]): string => {
  const pieces = text.split(/(?<=[^\p{L}\p{N}\p{M}])(?=[\p{L}\p{N}])|(?<=[\p{L}\p{N}\p{M}])(?=[^\p{L}\p{N}\p{M}])/u)
  const found = (piece: string): boolean => {
    const word = normal(piece)
    return query.some((one, index) => isMatch(word, one, index === query.length - 1))
  }
  const isWord = (piece: string): boolean => /[\p{L}\p{N}]/u.test(piece)
  const first = Math.max(
    0,
    pieces.findIndex((piece) => isWord(piece) && found(piece)),
  )
  const wordsBefore = pieces.slice(0, first).filter(isWord).length
  const words = pieces.filter(isWord).length
  const from = words <= length ? 0 : Math.max(0, wordsBefore - Math.floor(length / 2))
  let at = -1
  const kept = pieces.filter((piece) => {
    if (isWord(piece)) at += 1
    return at >= from && at < from + length
  })
  const marked = kept.map((piece) => (isWord(piece) && found(piece) ? `${before}${piece}${after}` : piece)).join('')
  return `${from > 0 ? '…' : ''}${marked}${from + length < words ? '…' : ''}`
}
