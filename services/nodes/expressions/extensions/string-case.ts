/** Lower case, a capital at the start of each sentence. */
export const toSentenceCase = (text: string): string =>
  text.toLowerCase().replace(/(^\s*|[.!?]\s+)(\S)/g, (_, before: string, letter: string) => before + letter.toUpperCase())

/** Lower case, `_` for spaces and dashes, without symbols. */
export const toSnakeCase = (text: string): string =>
  text
    .toLowerCase()
    .replace(/[\s-]/g, '_')
    .replace(/[^a-z0-9_\u0080-\uffff]/g, '')

export const removeTags = (text: string): string => text.replace(/<[^>]*>?/g, '')

/** Text of a Markdown document. */
export const removeMarkdown = (text: string): string =>
  removeTags(text)
    .replace(/^\s*(?:[-*_]\s*){3,}$/gm, '')
    .replace(/^\s{0,3}#+\s+/gm, '')
    .replace(/^\s*>\s?/gm, '')
    .replace(/^\s*(?:[-*+]|\d+\.)\s+/gm, '')
    .replace(/!\[([^\]]*)\]\([^)]*\)/g, '$1')
    .replace(/\[([^\]]*)\]\([^)]*\)/g, '$1')
    .replace(/```[^\n]*\n?/g, '')
    .replace(/\*\*([^*]+)\*\*/g, '$1')
    .replace(/__([^_]+)__/g, '$1')
    .replace(/\*([^*]+)\*/g, '$1')
    .replace(/~~([^~]+)~~/g, '$1')
    .replace(/`([^`]*)`/g, '$1')
