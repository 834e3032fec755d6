import { denied } from './errors.ts'

const forbidden: ReadonlySet<string> = new Set([
  'constructor',
  '__proto__',
  'prototype',
  'getPrototypeOf',
  'setPrototypeOf',
  'prepareStackTrace',
  '__defineGetter__',
  '__defineSetter__',
  '__lookupGetter__',
  '__lookupSetter__',
])
const reserved: ReadonlySet<string> = new Set(['___n8n_data', '__sanitize'])

/** The shortest of them has nine letters, which spares most names the look-up. */
export const isForbidden = (name: string): boolean => name.length > 8 && forbidden.has(name)
export const isReserved = (name: string): boolean => reserved.has(name)

/** @throws WeConnectError EXPRESSION_FAILED for a name that leads out of the data. */
export const checkName = (name: string): string => {
  if (isForbidden(name)) throw denied(name)
  return name
}
