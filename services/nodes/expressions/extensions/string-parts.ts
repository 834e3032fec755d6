import { domainToASCII } from 'node:url'

const host = String.raw`(?:[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?\.)+[a-z]{2,}`
const label = /^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/
const address = /[a-z0-9._%+'-]+@([a-z0-9-]+\.)+[a-z]{2,}/
const wholeAddress = new RegExp(`^(?:${address.source})$`)
const url = /(?:https?|ftp):\/\/(?:[^\s/?#@]+@)?[a-z0-9_-]+(?:\.[a-z0-9_-]+)*(?::\d+)?(?:[/?#]\S*)?/

/** Patterns are run on lower case, because V8's linear engine knows no flag `i`; the answer is cut from the text as it was. */
const cut = (text: string, pattern: RegExp, group = 0): string | undefined => {
  const found = pattern.exec(text.toLowerCase())
  const part = found?.[group]
  if (found === null || part === undefined) return undefined
  const start = found.index + found[0].indexOf(part)
  return text.slice(start, start + part.length)
}

export const extractEmail = (text: string): string | undefined => cut(text, address)
export const isEmail = (text: string): boolean => wholeAddress.test(text.toLowerCase())
export const extractUrl = (text: string): string | undefined => cut(text, url)

export const extractDomain = (text: string): string | undefined =>
  cut(text, /(?:[a-z][a-z0-9+.-]*:)?\/\/(?:[^\s/?#@]*@)?([^\s/?#:]+)/, 1) ??
  cut(text, new RegExp(`@(${host})`), 1) ??
  cut(text, new RegExp(host)) ??
  cut(text, /\d+\.\d+\.\d+\.\d+/)

export const isDomain = (text: string): boolean => {
  const name = text.toLowerCase().replace(/:\d+$/, '')
  if (/[\s/?#@]/.test(name)) return false
  const labels = (domainToASCII(name) || name).split('.')
  return labels.length > 1 && labels.every((each) => label.test(each)) && /[a-z]/.test(labels.at(-1)!)
}

export const isUrl = (text: string): boolean =>
  /^https?:\/\/\S+$/.test(text.slice(0, 8).toLowerCase() + text.slice(8)) && URL.canParse(text)

export const extractUrlPath = (text: string): string | undefined => (URL.canParse(text) ? new URL(text).pathname : undefined)
