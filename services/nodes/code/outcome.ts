import { WeConnectError } from '@weconnect/contracts/errors'
import { isJsonObject, type JsonObject, type JsonValue } from '@weconnect/contracts/json'
import type { CodeResult, CodeReturn } from '../sdk/node.ts'
import type { Failure, Outcome } from './runner/step.ts'
import { parseUntrusted } from './untrusted-json.ts'

/** What code leaves behind beside its result, also when it fails afterwards. */
export interface CodeTraces {
  readonly logs: CodeResult['logs']
  /** Values of `$execution.customData` that the code set. */
  readonly customData: Readonly<Record<string, string>>
  /** Areas of the static data that the code changed, complete. */
  readonly staticData: { readonly global?: JsonObject; readonly node?: JsonObject }
}

/** The user's message as n8n words it: "message [line 2]", "message [line 2, for item 0]". */
const messageOf = ({ message, line, item }: Failure): string => {
  const places = [...(line === undefined ? [] : [`line ${line}`]), ...(item === undefined ? [] : [`for item ${item}`])]
  return places.length === 0 ? message : `${message} [${places.join(', ')}]`
}

const isOutcome = (value: unknown): value is Outcome =>
  isJsonObject(value) && Array.isArray(value['logs']) && isJsonObject(value['customData']) && isJsonObject(value['staticData'])

const returnOf = ({ value, failure }: { readonly value?: JsonValue; readonly failure?: Failure }): CodeReturn =>
  failure === undefined ? { value } : { error: messageOf(failure) }

/**
 * @param text what came out of the isolate; the user's code may have had a hand in it
 * @throws WeConnectError CODE_FAILED when it is not an outcome
 */
export const readOutcome = (text: string): Outcome => {
  const outcome = parseUntrusted(text)
  if (!isOutcome(outcome)) throw new WeConnectError('CODE_FAILED', 'The code replaced what its result is written with')
  return outcome
}

/** @throws WeConnectError CODE_FAILED with the user's message and line */
export const resultOf = ({ value, perItem, failure, logs }: Outcome): CodeResult => {
  if (failure !== undefined) throw new WeConnectError('CODE_FAILED', messageOf(failure))
  return { value, ...(perItem === undefined ? {} : { perItem: perItem.map(returnOf) }), logs }
}
