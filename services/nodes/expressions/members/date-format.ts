const macros = /^[DtTfF]$/
const maxTokens = 14

/**
 * Checks a format that a text is read by. luxon makes a pattern of it in which every token may match one to several digits, so many tokens could take
 * exponential time.
 * @throws RangeError when it has too many tokens
 */
export const readingFormat = (format: string): string => {
  if (format.length > 200) throw new RangeError('The format is too long')
  const tokens = format.replace(/'[^']*'/g, '').match(/([a-zA-Z])\1*/g) ?? []
  const weight = tokens.reduce((total, token) => total + (macros.test(token[0]!) ? 5 : 1), 0)
  if (weight > maxTokens) throw new RangeError('The format has too many parts')
  return format
}
