import type { BinaryData } from './items.ts'

/**
 * Where the bytes of the files that items carry are kept: an item holds `{data: 'blob', id: 'blob:…'}` in their place, so that a file is on disk
 * once, however many steps pass it on. Small files stay in the item as base64.
 */
export interface Binaries {
  /** Durable when it resolves. @returns the id that names the bytes, for this organisation alone */
  keep(organisationId: string, bytes: Buffer): Promise<string>
  /**
   * The same for bytes that come one after the other and are never held together. Durable when it resolves.
   * @throws what `pieces` throws
   */
  keepPieces(organisationId: string, pieces: AsyncIterable<Buffer>): Promise<{ readonly id: string; readonly bytes: number }>
  /** @throws WeConnectError PAYLOAD_UNREADABLE when there are no such bytes, when they are another organisation's, or when they were erased */
  read(organisationId: string, id: string): Promise<Buffer>
}

/** What stands in `data` of a file whose bytes are kept elsewhere. */
export const keptData = 'blob'

/** Whether the bytes are kept elsewhere; else `data` is base64. */
export const isKept = (file: BinaryData): file is BinaryData & { readonly id: string } =>
  file.data === keptData && typeof file.id === 'string'

/** Bytes of a file that stay in the item. */
export const maxInlineBytes = 16 * 1024
