/** How text is compared: lower case, without accents, words between single spaces. */
export const fold = (text: string): string =>
  text
    .normalize('NFKD')
    .replaceAll(/\p{M}/gu, '')
    .toLowerCase()
    .replaceAll(/(?<=\p{L})['’](?=\p{L})/gu, '')
    .replaceAll(/[^\p{L}\p{N}]+/gu, ' ')
    .trim()

/** Words of a node type: `n8n-nodes-base.httpRequest` is found by http, request and httprequest. */
export const wordsOfType = (nodeType: string): string => fold(`${nodeType} ${nodeType.replaceAll(/([a-z\d])([A-Z])/g, '$1 $2')}`)

/** A query of PostgreSQL's full text: every word, or a word that begins with it. Undefined when there is no word. */
export const prefixQuery = (text: string): string | undefined => {
  const words = fold(text)
    .split(' ')
    .filter((word) => word !== '')
  return words.length === 0
    ? undefined
    : words
        .slice(0, 16)
        .map((word) => `${word}:*`)
        .join(' & ')
}
