import type { ArrivalGathered } from '@weconnect/contracts/events/gathering'
import { idOf } from '@weconnect/contracts/ids'
import type { Told } from './check-limits.ts'

type Arrival = ArrivalGathered['data']

/** What arrived and was put aside is in the execution that it was to become part of: all of a batch in its order, the newest of a debounce. */
export const gatheringProblems = (events: readonly Told[], skipped: ReadonlySet<string>): string[] => {
  const inputs = new Map<string, unknown>()
  const windows = new Map<string, Arrival[]>()
  for (const { stream, type, data } of events) {
    if (type === 'ExecutionRequested') inputs.set(idOf(stream), data.input)
    if (type === 'ArrivalGathered') windows.set(data.executionId, [...(windows.get(data.executionId) ?? []), data])
  }
  return [...windows].flatMap(([executionId, arrivals]) => {
    const input = inputs.get(executionId)
    if (input === undefined) return skipped.has(executionId) ? [] : [`${executionId} was gathered and is not in the log`]
    const last = arrivals.at(-1)
    const expected = last?.kind === 'batch' ? [arrivals.flatMap(({ input }) => (input as unknown[][])[0])] : last?.input
    const isRepeated = new Set(arrivals.map(({ arrivalId }) => arrivalId)).size < arrivals.length
    return [
      ...(isRepeated ? [`an arrival is in ${executionId} twice`] : []),
      ...(JSON.stringify(input) === JSON.stringify(expected) ? [] : [`${executionId} is not made of what was gathered`]),
    ]
  })
}
