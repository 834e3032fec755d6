import { IS_CONTROL, IS_TRANSACTIONAL, type RecordsBatch } from '@platformatic/kafka'

export interface FetchedRecord {
  readonly offset: number
  readonly key: Buffer | null
  readonly value: Buffer | null
  readonly headers: readonly (readonly [name: Buffer | null, value: Buffer | null])[]
}

interface AbortedTransaction {
  readonly producerId: bigint
  readonly firstOffset: bigint
}

const abortMarker = 0

/**
 * Records of fetched batches without the marks of transactions, and without what was aborted.
 * @param aborted as the broker lists it with the batches: who aborts, and where that transaction began. Empty to see everything.
 */
export function* committedRecords(batches: readonly RecordsBatch[], aborted: readonly AbortedTransaction[]): Generator<FetchedRecord> {
  const waiting = [...aborted].sort((left, right) => Number(left.firstOffset - right.firstOffset))
  const aborting = new Set<bigint>()
  for (const { firstOffset, lastOffsetDelta, attributes, producerId, records } of batches) {
    const end = firstOffset + BigInt(lastOffsetDelta)
    while (waiting[0] !== undefined && waiting[0].firstOffset <= end) aborting.add((waiting.shift() as AbortedTransaction).producerId)
    if (attributes & IS_CONTROL) {
      if (records[0]?.key?.readInt16BE(2) === abortMarker) aborting.delete(producerId)
    } else if (!(attributes & IS_TRANSACTIONAL && aborting.has(producerId)))
      for (const { offsetDelta, key, value, headers } of records) yield { offset: Number(firstOffset) + offsetDelta, key, value, headers }
  }
}
