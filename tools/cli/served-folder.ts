import { join } from 'node:path'

/** Says that a folder belongs to `eventstore serve`. */
export const servedFolderFile = (folder: string): string => join(folder, 'eventstore.json')
