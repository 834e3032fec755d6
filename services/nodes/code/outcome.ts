import { WeConnectError } from '@weconnect/contracts/errors'
import { isJsonObject, type JsonObject, type JsonValue } from '@weconnect/contracts/json'
import type { CodeResult, CodeReturn } from '../sdk/node.ts'
import type { Failure, Outcome } from './runner/step.ts'

/** What a step's code left behind. What it set stays set when it fails afterwards, so a failure is a part of the outcome and not thrown. */
export interface CodeOutcome {
  /** Absent when it failed. */
  readonly result?: CodeResult
  /** CODE_FAILED with the user's message and line. */
  readonly failure?: WeConnectError
  readonly logs: CodeResult['logs']
  /** Values of `$execution.customData` that the code set. */
  readonly customData: Readonly<Record<string, string>>
  /** Areas of the static data that the code changed, complete. */
  readonly staticData: { readonly global?: JsonObject; readonly node?: JsonObject }
}

/** JSON.parse makes an own key of `__proto__`, which later assignments would follow: it is dropped. */
const parseUntrusted = (text: string): JsonValue =>
  JSON.parse(text, /__proto__|\\u/.test(text) ? (key, value) => (key === '__proto__' ? undefined : value) : undefined)

/** The user's message as n8n words it: "message [line 2]", "message [line 2, for item 0]". */
const messageOf = ({ message, line, item }: Failure): string => {
  const places = [...(line === undefined ? [] : [`line ${line}`]), ...(item === undefined ? [] : [`for item ${item}`])]
  return places.length === 0 ? message : `${message} [${places.join(', ')}]`
}

const isOutcome = (value: unknown): value is Outcome =>
  isJsonObject(value) && Array.isArray(value['logs']) && isJsonObject(value['customData']) && isJsonObject(value['staticData'])

const returnOf = (entry: { readonly value?: JsonValue; readonly error?: string }): CodeReturn =>
  entry.error === undefined ? { value: entry.value } : { error: String(entry.error) }

const resultOf = ({ value, perItem, logs }: Outcome): CodeResult => ({
  value,
  ...(perItem === undefined ? {} : { perItem: perItem.map(returnOf) }),
  logs,
})

/** @param text what came out of the isolate; the user's code may have had a hand in it */
export const readOutcome = (text: string): CodeOutcome => {
  const outcome = parseUntrusted(text)
  if (!isOutcome(outcome)) throw new WeConnectError('CODE_FAILED', 'The code replaced what its result is written with')
  const { failure, logs, customData, staticData } = outcome
  return failure === undefined
    ? { result: resultOf(outcome), logs, customData, staticData }
    : { failure: new WeConnectError('CODE_FAILED', messageOf(failure)), logs, customData, staticData }
}
