import type { JsonObject, JsonValue } from './json.ts'

/** One output of one run of a node, as n8n names it. */
export interface ItemSource {
  readonly previousNode: string
  readonly previousNodeOutput: number
  readonly previousNodeRun: number
}

/** Which input item an output item was made from. */
export interface PairedItem {
  readonly item: number
  readonly input?: number
  /** Where `item` is, when that is no input of this run: loops give items of earlier runs. */
  readonly sourceOverwrite?: ItemSource
}

/** A file. Small ones carry their bytes as base64 in `data`; of larger ones `data` is `blob` and `id` names bytes kept elsewhere (binaries.ts). */
export interface BinaryData {
  readonly data: string
  readonly mimeType: string
  readonly fileName?: string
  readonly fileExtension?: string
  /** For people, such as `3.07 kB`. */
  readonly fileSize?: string
  /** Size in bytes. */
  readonly bytes?: number
  /** n8n's rough kind: text, json, image, audio, video, pdf, html. */
  readonly fileType?: string
  /** Where it was read from. */
  readonly directory?: string
  readonly id?: string
}

/** What flows between nodes. */
export interface Item {
  readonly json: JsonObject
  readonly binary?: Readonly<Record<string, BinaryData>>
  readonly pairedItem?: number | PairedItem | readonly (number | PairedItem)[]
  readonly error?: JsonValue
}

/** Items per output of a node; null = the output was not produced. */
export type Outputs = readonly (readonly Item[] | null)[]

/**
 * How outputs are written in an event. An item whose `json` and `binary` are those of an input item is a reference to it, so that
 * passing on costs a few bytes: `3` = item 3 of input 0, paired with it; `[1, 3]` = item 3 of input 1, paired with it;
 * `{from: [1, 3], pairedItem}` = the same data with another pairing. Everything else is the item itself.
 */
export type PackedItem =
  | number
  | readonly [input: number, item: number]
  | { readonly from: readonly [number, number]; readonly pairedItem?: Item['pairedItem'] }
  | Item
export type PackedOutputs = readonly (readonly PackedItem[] | null)[]
