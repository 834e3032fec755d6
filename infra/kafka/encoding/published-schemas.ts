import { globSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { basename, dirname, join } from 'node:path'
import type { AvroRecord } from './avro-schema.ts'

/** A version of a record that topics carry, complete in itself. */
export interface PublishedSchema {
  readonly name: string
  readonly version: number
  readonly schema: AvroRecord
}

const contracts = (): string => dirname(createRequire(import.meta.url).resolve('@weconnect/contracts/errors'))

/** Every version ever shipped of every event and state, ascending within each: a log may hold events of any of them. */
export const publishedSchemas = (folder: string = join(contracts(), 'history')): readonly PublishedSchema[] =>
  globSync('**/v*.avsc', { cwd: folder })
    .map((file) => ({
      name: basename(dirname(file)),
      version: Number(basename(file, '.avsc').slice(1)),
      schema: JSON.parse(readFileSync(join(folder, file), 'utf8')) as AvroRecord,
    }))
    .sort((left, right) => left.name.localeCompare(right.name) || left.version - right.version)
