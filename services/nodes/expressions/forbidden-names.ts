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

export const isForbidden = (name: string): boolean => forbidden.has(name)
export const isReserved = (name: string): boolean => reserved.has(name)

/** @throws WeConnectError EXPRESSION_FAILED for a name that leads out of the data. */
export const checkName = (name: string): string => {
  if (forbidden.has(name)) throw denied(name)
  return name
}
