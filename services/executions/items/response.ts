import type { StepCompleted } from '@weconnect/contracts/events/execution'
import type { JsonObject, JsonValue } from '@weconnect/contracts/json'
import type { NodeResponse } from '@weconnect/nodes/sdk/node'
import type { Inputs } from './outputs.ts'

/** An answer whose body is the json of an input item, as most are: a reference, which is in the clear. */
interface PassedResponse {
  readonly statusCode: number
  readonly bodyEncoding: NodeResponse['bodyEncoding']
  readonly from: readonly [input: number, item: number]
}

/** The answer as the event of its step records it. */
export const responseFields = (response: NodeResponse, inputs: Inputs): Pick<StepCompleted['data'], 'response' | 'passedResponse'> => {
  const { statusCode, bodyEncoding, headers, body } = response
  const item = inputs[0]?.findIndex(({ json }) => json === body) ?? -1
  if (item < 0 || Object.keys(headers).length > 0) return { response: response as unknown as JsonValue }
  return { passedResponse: { statusCode, bodyEncoding, from: [0, item] } }
}

/** The answer that an event records; `inputsOf` brings the items of its step. */
export const responseOf = async (data: StepCompleted['data'], inputsOf: () => Promise<Inputs>): Promise<NodeResponse | undefined> => {
  if (data.response !== undefined) return data.response as unknown as NodeResponse
  if (data.passedResponse === undefined) return undefined
  const { statusCode, bodyEncoding, from } = data.passedResponse as unknown as PassedResponse
  const body: JsonObject = (await inputsOf())[from[0]]?.[from[1]]?.json ?? {}
  return { statusCode, bodyEncoding, headers: {}, body }
}
