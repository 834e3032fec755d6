import { WeConnectError } from '@weconnect/contracts/errors'
import { maxJsonDepth, tooDeepAt } from '@weconnect/contracts/json-depth'
import { placeOfJsonError } from '@weconnect/contracts/json-place'
import type { FastifyInstance } from 'fastify'

const canParse = (text: string): boolean => {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}

/** `what` is the subject of the message, such as "The body". It never quotes the text, which may hold secrets. */
const refusal = (what: string, text: string, cause: unknown): WeConnectError => {
  const reason = canParse(text)
    ? 'has a key that could reach a prototype (__proto__, constructor); leave it out'
    : `is not JSON at ${placeOfJsonError(text)}`
  return new WeConnectError('MALFORMED_JSON', text.trim() === '' ? `${what} is empty` : `${what} ${reason}`, { cause })
}

/** @throws WeConnectError INVALID_INPUT */
const checkDepth = (what: string, text: string): void => {
  const deep = tooDeepAt(text)
  if (deep !== undefined)
    throw new WeConnectError('INVALID_INPUT', `${what} is nested deeper than ${maxJsonDepth} levels at position ${deep}`)
}

/** @throws WeConnectError MALFORMED_JSON, INVALID_INPUT, with the place */
export const parseJson = (what: string, text: string): unknown => {
  checkDepth(what, text)
  try {
    return JSON.parse(text)
  } catch (error) {
    throw refusal(what, text, error)
  }
}

/** Bodies of the API: fastify's own parser, which keeps prototypes out of reach, with the place in what it refuses. */
export const addJsonBodies = (app: FastifyInstance): void => {
  const parse = app.getDefaultJsonParser('error', 'error')
  app.removeContentTypeParser('application/json')
  app.addContentTypeParser('application/json', { parseAs: 'string' }, (request, text: string, done) => {
    try {
      checkDepth('The body', text)
    } catch (error) {
      return done(error as Error)
    }
    parse(request, text, (error, body) => (error ? done(refusal('The body', text, error)) : done(null, body)))
  })
}
