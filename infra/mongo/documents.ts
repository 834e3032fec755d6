import { WeConnectError } from '@weconnect/contracts/errors'
import { BSON, type Collection, MongoBulkWriteError, MongoInvalidArgumentError, MongoServerError } from 'mongodb'
import { databaseOf, openClient } from './connect.ts'
import type { Documents, Index, Upsert } from './port.ts'

type Stored = { _id: string }

/** Documents of the database that a URL names. It connects when it is first used, and again whenever it must. */
export const openDocuments = (url: string): Documents => {
  const client = openClient(url)
  const collection = (name: string): Collection<Stored> => databaseOf(client, url).collection<Stored>(name)
  return {
    index: (name, indexes, unwanted = []) => calling(() => index(collection(name), indexes, unwanted)),
    upsert: (name, upserts) => calling(() => upsert(collection(name), upserts)),
    setWhere: async (name, match, set) => (await calling(() => collection(name).updateMany(match, { $set: set }))).matchedCount,
    find: (name, filter, { sort = {}, limit = 0 } = {}) =>
      calling(async () => (await collection(name).find(filter).sort(sort).limit(limit).toArray()) as never),
    rename: async (name, to) => void (await calling(() => collection(name).rename(to, { dropTarget: true }))),
    drop: (name) =>
      calling(() =>
        collection(name)
          .drop()
          .catch(unlessMissing)
          .then(() => undefined),
      ),
    close: () => client.close(),
  }
}

const upsert = async (collection: Collection<Stored>, upserts: readonly Upsert[]): Promise<void> => {
  if (upserts.length === 0) return
  const operations = upserts.map(({ id, set }) => ({ updateOne: { filter: { _id: id }, update: { $set: set }, upsert: true } }))
  // Each is another document: their order does not matter, and one that is refused says which.
  await collection.bulkWrite(operations, { ordered: false })
}

const index = async (collection: Collection<Stored>, indexes: readonly Index[], unwanted: readonly string[]): Promise<void> => {
  const found = (await collection.indexes().catch(unlessMissing)) ?? []
  for (const { name } of found) if (name !== undefined && unwanted.includes(name)) await collection.dropIndex(name)
  for (const { name, fields, expireAfterSeconds } of indexes) {
    const old = found.find((other) => other.name === name)
    const kept = old !== undefined && old.expireAfterSeconds === expireAfterSeconds
    if (kept) continue
    if (old !== undefined) await collection.dropIndex(name)
    await collection.createIndex(fields, { name, ...(expireAfterSeconds !== undefined && { expireAfterSeconds }) })
  }
}

/** MongoDB before 7, and what speaks its protocol, does not know a collection that nothing was written to. */
const unlessMissing = (error: unknown): undefined => {
  if (error instanceof MongoServerError && (error.code === 26 || error.message === 'ns not found')) return undefined
  throw error
}

/** BadValue, FailedToParse, names of fields, nesting, documents that are or would become too large. */
const refusals = new Set([2, 9, 15, 52, 56, 57, 121, 10334, 17419, 17420])

const calling = async <Result>(call: () => Promise<Result>): Promise<Result> => {
  try {
    return await call()
  } catch (cause) {
    const message = cause instanceof Error ? cause.message : String(cause)
    if (isRefusal(cause)) throw new WeConnectError('INVALID_INPUT', `MongoDB refuses a document: ${message}`, { cause })
    throw new WeConnectError('UNAVAILABLE', `MongoDB cannot be used: ${message}`, { cause })
  }
}

const isRefusal = (error: unknown): boolean => {
  if (error instanceof BSON.BSONError || error instanceof MongoInvalidArgumentError || error instanceof RangeError) return true
  if (error instanceof MongoBulkWriteError) return [error.writeErrors].flat().some(({ code }) => refusals.has(code))
  return error instanceof MongoServerError && refusals.has(Number(error.code))
}
