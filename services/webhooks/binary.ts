import type { BinaryData } from '@weconnect/contracts/items'

export const binaryOf = (bytes: Buffer, mimeType: string, fileName?: string): BinaryData => ({
  data: bytes.toString('base64'),
  mimeType,
  ...(fileName !== undefined && { fileName }),
  ...(fileName?.includes('.') && { fileExtension: fileName.slice(fileName.lastIndexOf('.') + 1) }),
  fileSize: `${bytes.length} B`,
})
