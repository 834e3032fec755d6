import { isKept } from '@weconnect/contracts/binaries'
import type { BinaryData, Item } from '@weconnect/contracts/items'
import type { JsonValue } from '@weconnect/contracts/json'
import type { RunEnd } from '@weconnect/executions/run-end'
import type { Runs } from '@weconnect/executions/runs'
import type { NodeResponse, WebhookDescription } from '@weconnect/nodes/sdk/node'

/** Brings the bytes of a file that is about to be sent. */
export interface FileReader {
  response(response: NodeResponse): Promise<NodeResponse>
  end(end: RunEnd, description: WebhookDescription): Promise<RunEnd>
}

export const readFiles = (engine: Pick<Runs, 'bytesOf'>, organisationId: string): FileReader => {
  const opened = async (file: BinaryData): Promise<BinaryData> =>
    isKept(file) ? { ...file, data: (await engine.bytesOf(file, organisationId)).toString('base64') } : file
  const openedItem = async (item: Item, property: string): Promise<Item> => {
    const file = item.binary && Object.hasOwn(item.binary, property) ? item.binary[property] : undefined
    return file ? { ...item, binary: { ...item.binary, [property]: await opened(file) } } : item
  }
  return {
    response: async (response) =>
      response.bodyEncoding === 'binary'
        ? { ...response, body: (await opened(response.body as unknown as BinaryData)) as unknown as JsonValue }
        : response,
    end: async (end, { responseMode, responseData, responseBinaryProperty = 'data' }) => {
      if (end.kind !== 'completed' || responseMode !== 'lastNode' || responseData !== 'firstEntryBinary') return end
      const first = end.outputs.find((items) => items && items.length > 0)?.[0]
      return first ? { ...end, outputs: [[await openedItem(first, responseBinaryProperty)]] } : end
    },
  }
}
