import type { WorkflowEvent } from '@weconnect/contracts/events/workflow'
import type { ImportPart } from '../decider/commands.ts'

/** An append holds 512 KiB; this leaves room for what the estimate does not know. */
const bytesOfPart = 384 * 1024
/** About what metadata and structure add to an event. */
const bytesOfEvent = 800
/** A payload that is larger goes to the blob store. */
const largestInline = 64 * 1024

const estimate = (event: WorkflowEvent): number =>
  bytesOfEvent + Math.min(largestInline, Buffer.byteLength(JSON.stringify(event.data))) * (4 / 3)

/** How to spread the events of an import over appends; empty when one append can hold them all. */
export const importParts = (events: readonly WorkflowEvent[]): readonly ImportPart[] => {
  const ends: number[] = []
  let bytes = 0
  for (const [index, event] of events.entries()) {
    const more = estimate(event)
    if (bytes > 0 && bytes + more > bytesOfPart) {
      ends.push(index)
      bytes = 0
    }
    bytes += more
  }
  if (ends.length === 0) return []
  return [...ends, events.length].map((to, index) => ({ from: ends[index - 1] ?? 0, to, last: index === ends.length }))
}
