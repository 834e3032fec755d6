import type { BinaryData } from '@weconnect/contracts/items'

/** What is said of a file beside its bytes. @param length of these */
export const aboutFile = (length: number, mimeType: string, fileName?: string): Omit<BinaryData, 'data'> => ({
  mimeType,
  ...(fileName !== undefined && { fileName }),
  ...(fileName?.includes('.') && { fileExtension: fileName.slice(fileName.lastIndexOf('.') + 1) }),
  fileSize: `${length} B`,
})

export const binaryOf = (bytes: Buffer, mimeType: string, fileName?: string): BinaryData => ({
  data: bytes.toString('base64'),
  ...aboutFile(bytes.length, mimeType, fileName),
})
